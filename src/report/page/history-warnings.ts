import {
  type CollapseSign,
  signsInSteps,
  typicalNorms,
} from '../../training/callbacks/collapse-signs.ts';
import type { StepInfo } from '../../training/step-info.ts';
import type { ReportWarning } from '../report-data.ts';

/** Steps in a look, looks that must agree, and steps that gradients are compared with: as `collapseAlarm` has them. */
const everySteps = 100;
const patience = 2;
const beginningSteps = 10;

/**
 * What the steps themselves show, as `collapseAlarm` would have told it: once for each kind of sign.
 *
 * @internal
 */
export function historyWarnings(steps: readonly StepInfo[]): readonly ReportWarning[] {
  const norms = typicalNorms(steps.slice(0, beginningSteps));
  const told = new Set<CollapseSign['kind']>();
  const warnings: ReportWarning[] = [];
  let rows = new Map<CollapseSign['kind'], number>();
  for (let end = everySteps; end <= steps.length; end += everySteps) {
    const signs = signsInSteps(steps.slice(end - everySteps, end), norms);
    rows = new Map(signs.map(({ kind }) => [kind, (rows.get(kind) ?? 0) + 1]));
    for (const { kind, message } of signs) {
      if ((rows.get(kind) ?? 0) < patience || told.has(kind)) continue;
      told.add(kind);
      warnings.push({ step: steps[end - 1]!.number, message });
    }
  }
  return warnings;
}
