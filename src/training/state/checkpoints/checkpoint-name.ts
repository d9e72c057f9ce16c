import { formatValue } from '../../../core/format.ts';

/** The number of a checkpoint in its run, and its step. @internal */
export interface CheckpointPlace {
  readonly number: number;
  readonly step: number;
}

/**
 * `0007-step-350`: the number comes first, so that the last one written is also the last by name.
 * @internal
 */
export function checkpointName({ number, step }: CheckpointPlace): string {
  return `${String(number).padStart(4, '0')}-step-${step}`;
}

/** The parts of a name, or undefined if it is not the name of a checkpoint. @internal */
export function parseCheckpointName(name: string): CheckpointPlace | undefined {
  const [, number, step] = /^(\d{4,12})-step-(\d{1,15})$/.exec(name) ?? [];
  return step === undefined ? undefined : { number: Number(number), step: Number(step) };
}

/**
 * Refuses what is not the name of a checkpoint, before a store uses it as a path or a key.
 *
 * @internal
 */
export function checkCheckpointName(name: string): string {
  if (parseCheckpointName(name) !== undefined) return name;
  throw new RangeError(
    `Cannot find a checkpoint: its name must be like 0007-step-350, got ${formatValue(name)}`,
  );
}

/** The checkpoints of a store, newest first. @internal */
export function newestFirst(names: readonly string[]): string[] {
  const number = (name: string): number => parseCheckpointName(name)?.number ?? -1;
  return [...names].sort((a, b) => number(b) - number(a));
}
