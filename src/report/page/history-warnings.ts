import {
  looksInARow,
  normsAtFirst,
  signsInSteps,
  stepsOfALook,
} from '../../training/callbacks/collapse-signs.ts';
import { SignPatience } from '../../training/callbacks/sign-patience.ts';
import type { StepInfo } from '../../training/step-info.ts';
import type { ReportWarning } from '../report-data.ts';

/**
 * What the steps themselves show, as `collapseAlarm` would have told it by its defaults: once for each kind of sign.
 *
 * @internal
 */
export function historyWarnings(steps: readonly StepInfo[]): readonly ReportWarning[] {
  const norms = normsAtFirst(steps);
  const patience = new SignPatience(looksInARow);
  const warnings: ReportWarning[] = [];
  for (let end = stepsOfALook; end <= steps.length; end += stepsOfALook) {
    const signs = signsInSteps(steps.slice(end - stepsOfALook, end), norms);
    const { number: step } = steps[end - 1]!;
    warnings.push(...patience.after(signs).map(({ message }) => ({ step, message })));
  }
  return warnings;
}
