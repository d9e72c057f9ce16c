import { isRecord } from '../../core/checks.ts';
import { CheckpointError } from '../../core/errors.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import { Random } from '../../core/random.ts';
import { isFloat32Array, isPromise } from '../../core/realms.ts';
import type { TrainerSnapshot } from './trainer-snapshot.ts';

/** An unchecked snapshot. */
type Unknown = Readonly<Record<string, unknown>>;

/**
 * Refuses a snapshot that is damaged or has another format, before any of it is used.
 *
 * @throws CheckpointError that names the part.
 *
 * @internal
 */
export function checkSnapshotData(snapshot: TrainerSnapshot): void {
  const format = (snapshot as Partial<TrainerSnapshot> | null | undefined)?.format as unknown;
  if (typeof format !== 'number') {
    throw new CheckpointError(
      `Cannot restore: the source must be a snapshot or a CheckpointStore, got ${formatValue(snapshot)}. ` +
        sourceCure(snapshot),
    );
  }
  if (format !== 1) {
    throw new CheckpointError(
      `Cannot restore: the snapshot must be of format 1, got ${formatValue(format)}. ` +
        'A higher number was written by a newer version of this library: update it',
    );
  }
  const { step, samples, cursor, plan, configuration, description, history } =
    snapshot as Partial<TrainerSnapshot>;
  checkPart('step', isCount(step), step);
  checkPart('samples', isCount(samples), samples);
  checkPart(
    'cursor',
    isCount(cursor?.epoch) && isCount(cursor?.batch) && isText(cursor?.pass),
    cursor,
  );
  checkPart('plan', plan === undefined || isPlan(plan), plan);
  checkPart('configuration', isRecord(configuration), configuration);
  checkPart('description', isRecord(description), description);
  checkPart('history', isHistory(history), history);
  const { random, updates, networks, optimizers } = snapshot as unknown as Unknown;
  checkPart('random', isRecord(random), random);
  for (const [source, state] of Object.entries(random as Unknown)) checkRandom(source, state);
  checkPart('updates', isRecord(updates) && Object.values(updates).every(isCount), updates);
  checkPart('networks', isRecord(networks), networks);
  checkPart('optimizers', isRecord(optimizers), optimizers);
  for (const [network, weights] of Object.entries(networks as Unknown)) {
    checkArrays(`networks.${network}`, weights);
  }
  for (const [network, optimizer] of Object.entries(optimizers as Unknown)) {
    const isOptimizer = isRecord(optimizer) && isCount(optimizer['step']);
    checkPart(`optimizers.${network}`, isOptimizer, optimizer);
    const { slots, missed = {}, former = 0 } = optimizer as Unknown;
    checkArrays(`optimizers.${network}.slots`, slots);
    const isMissed = isRecord(missed) && Object.values(missed).every(isCount);
    checkPart(`optimizers.${network}.missed`, isMissed, missed);
    checkPart(`optimizers.${network}.former`, isCount(former), former);
  }
  const { parts } = snapshot as { readonly parts?: unknown };
  checkPart('parts', isRecord(parts), parts);
  for (const [key, part] of Object.entries(parts as Unknown)) checkArrays(`parts['${key}']`, part);
}

function sourceCure(given: unknown): string {
  if (isPromise(given)) return 'Wait for it: await trainer.snapshot()';
  return typeof given === 'string'
    ? "To read a folder, use directoryStore('runs/a') of tfjs-gan/node"
    : 'Take one with trainer.snapshot(), or pass the store that checkpoint() wrote to';
}

function checkRandom(source: string, state: unknown): void {
  let works = Array.isArray(state) && state.every((part) => Number.isInteger(part));
  try {
    if (works) Random.fromState(state as number[]);
  } catch {
    works = false;
  }
  checkPart(`random.${source}`, works, state);
}

function checkArrays(part: string, arrays: unknown): void {
  checkPart(part, isRecord(arrays), arrays);
  for (const [name, array] of Object.entries(arrays as Record<string, Partial<NamedArray>>)) {
    const { shape, values } = isRecord(array) ? array : {};
    checkPart(`${part}['${name}'].shape`, Array.isArray(shape) && shape.every(isCount), shape);
    checkPart(`${part}['${name}'].values`, isFloat32Array(values), values);
    const wanted = shape?.reduce((product, size) => product * size, 1);
    if (values?.length === wanted) continue;
    throw new CheckpointError(
      `Cannot restore: ${part}['${name}'] of the snapshot must have ${wanted} values for the shape ` +
        `${formatShape(shape ?? [])}, got ${values?.length}. It may be truncated`,
    );
  }
}

function checkPart(part: string, isThere: boolean, value: unknown): void {
  if (isThere) return;
  throw new CheckpointError(
    `Cannot restore: ${part} of the snapshot must be as returned by trainer.snapshot(), got ${formatValue(value)}. ` +
      'JSON does not preserve typed arrays: copy a snapshot with structuredClone',
  );
}

function isPlan(plan: unknown): boolean {
  const { lastStep, until, pass, points } = isRecord(plan) ? plan : {};
  const { epochs = 0, steps = 0 } = isRecord(until) ? until : { epochs: NaN };
  const isBound = isCount(epochs) && isCount(steps) && isText(pass);
  if (points === undefined) return isBound && isCount(lastStep);
  return isBound && isCount(lastStep ?? 0) && arePoints(points);
}

function arePoints(points: unknown): boolean {
  const isShare = (value: unknown): boolean =>
    typeof value === 'number' && value >= 0 && value <= 1;
  return (
    Array.isArray(points) &&
    points.length > 0 &&
    points.every((point) => isRecord(point) && isCount(point['step']) && isShare(point['share']))
  );
}

function isHistory(history: unknown): boolean {
  const { steps, epochs, logged = [], sums } = isRecord(history) ? history : {};
  const have = (entries: unknown, ...numbers: string[]): boolean =>
    Array.isArray(entries) &&
    entries.every(
      (entry) =>
        isRecord(entry) &&
        numbers.every((name) => typeof entry[name] === 'number') &&
        isRecord(entry['losses']) &&
        isRecord(entry['metrics']),
    );
  return (
    have(steps, 'number', 'epoch', 'seconds') &&
    have(epochs, 'number', 'steps', 'seconds') &&
    (sums === undefined ||
      (isRecord(sums) &&
        typeof sums['seconds'] === 'number' &&
        have([sums['epoch']], 'number', 'steps', 'seconds') &&
        isRecord(sums['counts']) &&
        isRecord(sums['counts']['losses']) &&
        isRecord(sums['counts']['metrics']))) &&
    Array.isArray(logged) &&
    logged.every((entry) => isRecord(entry) && isCount(entry['step']) && isRecord(entry['values']))
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
