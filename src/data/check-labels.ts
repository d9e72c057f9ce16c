import { checkPositiveInteger } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import type { DatasetOptions } from './dataset-options.ts';

/** Checked labels and the number of classes. @internal */
export interface CheckedLabels {
  readonly labels?: Int32Array | undefined;
  readonly classes?: number | undefined;
}

/** @internal */
export function checkLabels(
  action: string,
  size: number,
  { labels, classes }: DatasetOptions,
): CheckedLabels {
  if (classes !== undefined) checkPositiveInteger(action, 'classes', classes);
  if (labels === undefined) return {};
  if (typeof (labels as typeof labels | null)?.length !== 'number' || typeof labels === 'string') {
    throw new TypeError(`Cannot ${action}: labels must be an array, got ${formatValue(labels)}`);
  }
  if (labels.length !== size) {
    throw new RangeError(
      `Cannot ${action}: labels must name a class for each of the ${size} samples, got ${labels.length} labels`,
    );
  }
  const checked = new Int32Array(size);
  for (let i = 0; i < size; i += 1) {
    checked[i] = checkLabel(action, labels[i], `labels[${i}]`, classes);
  }
  return { labels: checked, classes: classes ?? highest(checked) + 1 };
}

/** @internal */
export function checkLabel(
  action: string,
  label: unknown,
  where: string,
  classes: number | undefined,
): number {
  const below = classes ?? 2 ** 31;
  if (Number.isInteger(label) && (label as number) >= 0 && (label as number) < below) {
    return label as number;
  }
  const wanted =
    classes === undefined ? 'an integer of at least 0' : `an integer from 0 to ${classes - 1}`;
  throw new RangeError(`Cannot ${action}: ${where} must be ${wanted}, got ${String(label)}`);
}

function highest(labels: Int32Array): number {
  return labels.reduce((high, label) => Math.max(high, label), 0);
}
