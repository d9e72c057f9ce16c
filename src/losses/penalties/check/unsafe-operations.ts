import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../core/random.ts';
import { changeByStep } from './central-differences.ts';
import { trials, tryAlone } from './operation-alone.ts';
import { attempt, watchEngine } from './watched-engine.ts';

/**
 * An operation that a gradient penalty does not get through rightly.
 *
 * @example An operation that TensorFlow.js has no gradient for
 * ```ts
 * class Products extends tf.layers.Layer {
 *   static className = 'Products';
 *   override call = (x: tf.Tensor | tf.Tensor[]) => tf.cumprod([x].flat()[0]!, 1);
 * }
 * const layers = [new Products({ inputShape: [2] }), tf.layers.dense({ units: 1 })];
 * const report = await checkGradientPenalty(new Discriminator({ model: tf.sequential({ layers }) }));
 * const [operation]: readonly UnsafeOperation[] = report.unsafe;
 * console.log(operation?.kernel, operation?.problem); // Cumprod throws
 * ```
 */
export interface UnsafeOperation {
  /**
   * Its kernel, as TensorFlow.js calls it, such as `Einsum`; of an operation with a gradient of its own, the name of
   * the operation, or `customGrad` where it has none.
   */
  readonly kernel: string;
  /** Name of the layer it is in, where it is in one. */
  readonly layer?: string | undefined;
  /** Whether its gradients throw, or are wrong without a word. */
  readonly problem: 'throws' | 'differs';
  /** What is wrong, in a sentence. */
  readonly reason: string;
}

interface Place {
  readonly kernel: string;
  readonly layer: string | undefined;
}

/** One call of a kernel on the way through a network or back. */
interface Call extends Place {
  readonly inputs: readonly tf.Tensor[];
  readonly run: (inputs: readonly tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /** How often a penalty differentiates it: what is on the way back, once only. */
  readonly order: 1 | 2;
}

/** Operations with gradients of their own that are right, or that `enableSecondOrderGradients` mends or makes. */
const mended: readonly string[] = [
  ...['logSoftmax', 'logSigmoid', 'softmaxCrossEntropy'],
  ...['fusedMatMul', 'fusedConv2d', 'fusedDepthwiseConv2d'],
  ...['linkedOutput', 'batchNormTraining'],
];

/** The error that is taken for one. */
const largestError = 0.05;

/** What float32 resolves of a sum of products, relative. */
const resolution = 4e-7;

const ownGradient =
  'it has a gradient of its own (tf.customGrad), and every other operation is right when tried alone. Its gradient ' +
  'must be that of its value, and made of operations that have gradients, of the tensors that it saves and nothing else';

/**
 * Tries each operation of a pass alone: its gradients, and the gradients of these, against central differences.
 *
 * @param layers - Whose names are told.
 * @param answers - Of the network, to samples.
 * @param x - Samples.
 * @param problem - What is wrong with the whole.
 * @param random - Decides directions.
 * @internal
 */
export async function findUnsafeOperations(
  layers: readonly tf.layers.Layer[],
  answers: (samples: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  problem: UnsafeOperation['problem'],
  random: Random,
): Promise<readonly UnsafeOperation[]> {
  const { calls, customs } = callsOf(layers, answers, x);
  const unsafe: UnsafeOperation[] = [];
  try {
    for (const call of calls) {
      const { kernel, layer } = call;
      const known = unsafe.some((other) => other.kernel === kernel && other.layer === layer);
      const found = known ? undefined : await faultOf(call, random);
      // What throws is not on the way where the whole does not.
      if (found === undefined || (found.problem === 'throws' && problem === 'differs')) continue;
      unsafe.push({ kernel, layer, ...found });
    }
  } finally {
    for (const { inputs } of calls) tf.dispose([...inputs]);
  }
  const toBlame = unsafe.filter((operation) => operation.problem === problem);
  if (toBlame.length > 0) return toBlame;
  if (unsafe.length > 0) return unsafe;
  // These cannot be run alone, so they are found by leaving out all the rest.
  const seen = new Map(customs.map((place) => [JSON.stringify(place), place]));
  return [...seen.values()].map((place) => ({ ...place, problem, reason: ownGradient }));
}

/** What is wrong with one operation, if anything. */
async function faultOf(
  { inputs, run, order }: Call,
  random: Random,
): Promise<Pick<UnsafeOperation, 'problem' | 'reason'> | undefined> {
  const tried = attempt(() => tf.tidy(() => tryAlone(inputs, run, order, random)));
  if ('error' in tried) return { problem: 'throws', reason: tried.error.message };
  const errors = { gradient: [] as number[], 'second-order gradient': [] as number[] };
  for (const { of, got, along } of tried.value) {
    const [slope = 0] = await got.data();
    const values = [...(await along.data())];
    tf.dispose([got, along]);
    const largest = Math.max(...values.map(Math.abs));
    const { change, bend } = changeByStep(values);
    const unsure = bend + resolution * largest;
    const scale = Math.max(Math.abs(change), Math.abs(slope), unsure, 1e-30);
    const error = Math.max(0, Math.abs(slope - change) - unsure) / scale;
    // Where the operation itself leaves the numbers nearby, nothing can be said of it.
    if (Number.isFinite(change)) errors[of].push(Number.isNaN(error) ? Infinity : error);
  }
  for (const [of, each] of Object.entries(errors)) {
    const error = each.sort((a, b) => a - b)[Math.floor(trials / 2)] ?? 0;
    if (error <= largestError) continue;
    const how =
      error === Infinity
        ? 'is no finite number'
        : `differs from central differences by ${(error * 100).toFixed(0)} %`;
    return { problem: 'differs', reason: `its ${of} ${how}` };
  }
  return undefined;
}

/** Each different call that takes float values. */
function callsOf(
  layers: readonly tf.layers.Layer[],
  answers: (samples: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
): { readonly calls: readonly Call[]; readonly customs: readonly Place[] } {
  const customs: Place[] = [];
  const calls = new Map<string, Call>();
  let layer: string | undefined;
  let order: Call['order'] = 1;
  const note = (kernel: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap): void => {
    const names = Object.keys(inputs).filter((name) => Boolean(inputs[name]));
    const tensors = names.map((name) => inputs[name]!);
    if (!tensors.some(({ dtype }) => dtype === 'float32')) return;
    const shapes = tensors.map(({ shape, dtype }) => [shape, dtype]);
    const key = JSON.stringify([kernel, layer, shapes, attributes]);
    if (calls.has(key)) return;
    const run: Call['run'] = (others) => {
      const replaced: tf.NamedTensorMap = Array.isArray(inputs) ? ([] as never) : {};
      names.forEach((name, i) => {
        replaced[name] = others[i]!;
      });
      return tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(kernel, replaced, attributes);
    };
    const kept = tensors.map((tensor) => tf.keep(tf.clone(tensor)));
    calls.set(key, { kernel, layer, inputs: kept, run, order });
  };
  const restore = layers.map((each) => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the layer, and put back as it was
    const { call } = each;
    each.call = (...values) => {
      const outer = layer;
      layer = each.name;
      try {
        return call.apply(each, values);
      } finally {
        layer = outer;
      }
    };
    return (): void => {
      each.call = call;
    };
  });
  const forward = (samples: tf.Tensor): tf.Tensor => {
    order = 2;
    try {
      return tf.sum(answers(samples));
    } finally {
      order = 1;
    }
  };
  attempt(() => {
    try {
      watchEngine(
        {
          kernel: (kernel, inputs, attributes = {}, run) => {
            note(kernel, inputs, attributes);
            return run(inputs);
          },
          custom: (kernel) => {
            if (!mended.includes(kernel)) customs.push({ kernel, layer });
          },
        },
        () => {
          tf.tidy(() => {
            tf.grad(forward)(x);
          });
        },
      );
    } finally {
      for (const put of restore) put();
    }
  });
  return { calls: [...calls.values()], customs };
}
