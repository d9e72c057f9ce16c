import {
  looksInARow,
  normsAtFirst,
  signsInSteps,
  stepsOfALook,
} from '../../training/callbacks/collapse-warnings.ts';
import { SignPatience } from '../../training/callbacks/warning-patience.ts';
import type { StepInfo } from '../../training/step-info.ts';
import type { ReportWarning } from '../report-data.ts';

/**
 * The warnings that `collapseAlarm` would have given with its defaults, computed from the steps:
 * once for each kind. Steps that were thinned out are skipped: each check uses as many of the
 * remaining steps.
 *
 * @param seen - Warnings found before, in steps that may have been removed since; included, but not
 * found again.
 *
 * @internal
 */
export function historyWarnings(
  steps: readonly StepInfo[],
  seen: readonly ReportWarning[] = [],
): readonly ReportWarning[] {
  const norms = normsAtFirst(steps);
  const patience = new SignPatience(looksInARow);
  const warnings: ReportWarning[] = [];
  for (let end = stepsOfALook; end <= steps.length; end += stepsOfALook) {
    const signs = signsInSteps(steps.slice(end - stepsOfALook, end), norms);
    const { number: step } = steps[end - 1]!;
    warnings.push(...patience.after(signs).map(({ message }) => ({ step, message })));
  }
  return [...seen, ...notIn(seen, warnings)];
}

/**
 * The warnings of kinds that were not reported yet: a message without its numbers identifies its
 * kind.
 *
 * @internal
 */
export function notIn(
  told: readonly ReportWarning[],
  warnings: readonly ReportWarning[],
): readonly ReportWarning[] {
  const kind = ({ message }: ReportWarning): string => message.replace(/[\d.]+/g, '');
  const kinds = new Set(told.map(kind));
  return warnings.filter((warning) => !kinds.has(kind(warning)));
}
