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
 * What the steps themselves show, as `collapseAlarm` would have told it by its defaults: once for each kind of sign. Steps
 * that were thinned out are skipped: each look takes as many of those that are left.
 *
 * @param seen - What was found before, in steps that may be gone; told again, and not found a second time.
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

/** Those warnings that are of other kinds than the ones told: a message without its numbers is its kind. @internal */
export function notIn(
  told: readonly ReportWarning[],
  warnings: readonly ReportWarning[],
): readonly ReportWarning[] {
  const kind = ({ message }: ReportWarning): string => message.replace(/[\d.]+/g, '');
  const kinds = new Set(told.map(kind));
  return warnings.filter((warning) => !kinds.has(kind(warning)));
}
