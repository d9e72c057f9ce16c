import * as tf from '@tensorflow/tfjs';
import { eventLoopTurn } from '../core/event-loop.ts';

/**
 * Disposes what an iterator of `tf.data` read ahead of its reader, as `shuffle` and `prefetch` do, when it will not be
 * read to its end.
 *
 * Its classes have no way to be told so; their buffers are fields, looked for with care: in a version that has them
 * no more, nothing is done. Elements still on their way are disposed as they arrive, but not waited for: a slow source
 * must not hold up whoever breaks off.
 *
 * @internal
 */
export async function releaseIterator(iterator: object): Promise<void> {
  await Promise.race([release(iterator), eventLoopTurn()]);
}

/** From the last stage to the first: what waits in one stage may still read from those before it. */
async function release(stage: unknown): Promise<void> {
  if (typeof stage !== 'object' || stage === null) return;
  const { buffer, outputQueue, upstream, iterator, iterators } = stage as Partial<Stage>;
  const held = [...drained(buffer), ...drained(outputQueue)];
  await Promise.all(held.map(disposeElement));
  await Promise.all([upstream, iterator, ...zipped(iterators)].map(release));
}

/** The fields of the iterators of tf.data that lead to what they hold. */
interface Stage {
  /** Of `shuffle` and `prefetch`: promises of results. */
  readonly buffer: unknown;
  /** Of `flatMap`: elements. */
  readonly outputQueue: unknown;
  /** The stage before. */
  readonly upstream: unknown;
  /** Of `repeat` and `concatenate`: the stream being read. */
  readonly iterator: unknown;
  /** Of `zip`: streams in an array or an object, nested at will. */
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
    // An element that could not be read holds nothing, and nobody asks for it any more.
  }
}

function zipped(streams: unknown): unknown[] {
  if (typeof streams !== 'object' || streams === null) return [];
  return 'next' in streams ? [streams] : Object.values(streams).flatMap(zipped);
}
