import * as tf from '@tensorflow/tfjs';
import { eventLoopTurn } from '../core/event-loop.ts';

/**
 * Disposes what an iterator of `tf.data` has read ahead, as `shuffle` and `prefetch` do, when it
 * will not be read to its end.
 *
 * The iterators have no method for this; their buffers are private fields, which are accessed with
 * checks: if a version does not have them, nothing is done. Pending elements are disposed when they
 * arrive, but not awaited: a slow source must not block the caller.
 *
 * @internal
 */
export async function releaseIterator(iterator: object): Promise<void> {
  await Promise.race([release(iterator), eventLoopTurn()]);
}

/**
 * From the last stage to the first, because elements waiting in one stage may still read from
 * earlier stages.
 */
async function release(stage: unknown): Promise<void> {
  if (typeof stage !== 'object' || stage === null) return;
  const { buffer, outputQueue, upstream, iterator, iterators } = stage as Partial<Stage>;
  const held = [...drained(buffer), ...drained(outputQueue)];
  await Promise.all(held.map(disposeElement));
  await Promise.all([upstream, iterator, ...zipped(iterators)].map(release));
}

/** The fields of tf.data's iterators that lead to their buffers. */
interface Stage {
  /** Of `shuffle` and `prefetch`: promises of results. */
  readonly buffer: unknown;
  /** Of `flatMap`: elements. */
  readonly outputQueue: unknown;
  /** The stage before. */
  readonly upstream: unknown;
  /** Of `repeat` and `concatenate`: the current stream. */
  readonly iterator: unknown;
  /** Of `zip`: streams in an array or an object, possibly nested. */
  readonly iterators: unknown;
}

interface Queue {
  isEmpty(): boolean;
  shift(): unknown;
}

function drained(queue: unknown): unknown[] {
  const { isEmpty, shift } = (queue ?? {}) as Partial<Queue>;
  if (typeof isEmpty !== 'function' || typeof shift !== 'function') return [];
  const held: unknown[] = [];
  while (!(queue as Queue).isEmpty()) held.push((queue as Queue).shift());
  return held;
}

async function disposeElement(held: unknown): Promise<void> {
  try {
    tf.dispose((await held) as tf.TensorContainer);
  } catch {
    // An element that failed holds nothing, and its error is not needed any more.
  }
}

function zipped(streams: unknown): unknown[] {
  if (typeof streams !== 'object' || streams === null) return [];
  return 'next' in streams ? [streams] : Object.values(streams).flatMap(zipped);
}
