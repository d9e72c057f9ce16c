import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../core/add-all.ts';
import type { Random } from '../../core/random.ts';
import { HeldKinks } from './held-kinks.ts';
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

/** One call of a kernel on the way through a network. */
interface Call extends Place {
  readonly inputs: readonly tf.Tensor[];
  readonly run: (inputs: readonly tf.Tensor[]) => tf.Tensor | tf.Tensor[];
}

/** Operations of tfjs with gradients of their own, which are right or which `enableSecondOrderGradients` mends. */
const mended: readonly string[] = [
  ...['logSoftmax', 'logSigmoid', 'softmaxCrossEntropy'],
  ...['fusedMatMul', 'fusedConv2d', 'fusedDepthwiseConv2d'],
];

/** Relative step and the error that is taken for one: of single operations, kinks may lie within the step. */
const step = 1e-3;
const largestError = 0.05;
const trials = 3;

const ownGradient =
  'it has a gradient of its own (tf.customGrad), and every other operation is right when tried alone. Its gradient ' +
  'must be made of operations that have gradients, of the tensors that it saves and nothing else';

/**
 * Tries each operation of a pass alone: its gradients, and the gradients of these, against central differences.
 *
 * @param layers - Whose names are told.
 * @param pass - Something to differentiate, such as a pass through the network.
 * @param problem - What is wrong with the whole.
 * @param random - Decides directions.
 * @internal
 */
export async function findUnsafeOperations(
  layers: readonly tf.layers.Layer[],
  pass: () => void,
  problem: UnsafeOperation['problem'],
  random: Random,
): Promise<readonly UnsafeOperation[]> {
  const { calls, customs } = callsOf(layers, pass);
  const unsafe: UnsafeOperation[] = [];
  for (const { kernel, layer, inputs, run } of calls) {
    const known = unsafe.some((other) => other.kernel === kernel && other.layer === layer);
    if (known) continue;
    const tried = attempt(() => tf.tidy(() => tryAlone(inputs, run, random)));
    if ('error' in tried) {
      unsafe.push({ kernel, layer, problem: 'throws', reason: tried.error.message });
      continue;
    }
    const errors: number[] = [];
    for (const { got, wanted } of tried.value) {
      const [slope = Number.NaN] = await got.data();
      const [above = 0, below = 0] = await wanted.data();
      const difference = (above - below) / (2 * step);
      // What float32 resolves of the value, over the step.
      const noise = (4e-7 * (Math.abs(above) + Math.abs(below))) / step;
      const scale = Math.max(Math.abs(difference), Math.abs(slope), noise, 1e-6);
      errors.push(Math.max(0, Math.abs(slope - difference) - noise) / scale);
      tf.dispose([got, wanted]);
    }
    const error = [...errors].sort((a, b) => a - b)[Math.floor(errors.length / 2)] ?? 0;
    if (error <= largestError) continue;
    const reason = `its second-order gradient differs from central differences by ${(error * 100).toFixed(0)} %`;
    unsafe.push({ kernel, layer, problem: 'differs', reason });
  }
  for (const { inputs } of calls) tf.dispose([...inputs]);
  if (unsafe.length > 0) return unsafe;
  // These cannot be run alone, so they are found by leaving out all the rest.
  const seen = new Map(customs.map((place) => [JSON.stringify(place), place]));
  return [...seen.values()].map((place) => ({ ...place, problem, reason: ownGradient }));
}

/** Each different call that takes float values. */
function callsOf(
  layers: readonly tf.layers.Layer[],
  pass: () => void,
): { readonly calls: readonly Call[]; readonly customs: readonly Place[] } {
  const customs: Place[] = [];
  const calls = new Map<string, Call>();
  let layer: string | undefined;
  const note = (kernel: string, tensors: readonly tf.Tensor[], id: string, run: Call['run']) => {
    if (!tensors.some(({ dtype }) => dtype === 'float32')) return;
    const shapes = tensors.map(({ shape, dtype }) => [shape, dtype]);
    const key = JSON.stringify([kernel, layer, shapes, id]);
    if (calls.has(key)) return;
    const inputs = tensors.map((tensor) => tf.keep(tf.clone(tensor)));
    calls.set(key, { kernel, layer, inputs, run });
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
  attempt(() => {
    try {
      watchEngine(
        {
          kernel: (kernel, inputs, attributes, run) => {
            const names = Object.keys(inputs).filter((name) => inputs[name] !== undefined);
            const tensors = names.map((name) => inputs[name]!);
            note(kernel, tensors, JSON.stringify(attributes ?? {}), (others) => {
              const replaced: tf.NamedTensorMap = Array.isArray(inputs) ? ([] as never) : {};
              names.forEach((name, i) => {
                replaced[name] = others[i]!;
              });
              return run(replaced);
            });
            return run(inputs);
          },
          custom: (kernel) => {
            if (!mended.includes(kernel)) customs.push({ kernel, layer });
          },
        },
        pass,
      );
    } finally {
      for (const put of restore) put();
    }
  });
  return { calls: [...calls.values()], customs };
}

/** A few slopes of an operation's gradient along random directions, and the values they should come from. */
function tryAlone(
  inputs: readonly tf.Tensor[],
  run: Call['run'],
  random: Random,
): { got: tf.Tensor; wanted: tf.Tensor }[] {
  const isFloat = inputs.map(({ dtype }) => dtype === 'float32');
  const floats = inputs.filter((_, i) => isFloat[i]);
  const complete = (values: readonly tf.Tensor[]): tf.Tensor[] => {
    let next = 0;
    return inputs.map((input, i) => (isFloat[i] === true ? values[next++]! : input));
  };
  const factors = (tensor: tf.Tensor): tf.Tensor =>
    tf.tensor(random.uniformArray(tensor.size, -1, 1), tensor.shape);
  const outputs = [run(complete(floats))].flat().filter(({ dtype }) => dtype === 'float32');
  if (outputs.length === 0) return [];
  return Array.from({ length: trials }, () => {
    const outputFactors = outputs.map(factors);
    const inputFactors = floats.map(factors);
    const directions = floats.map(factors);
    const kinks = new HeldKinks();
    const projected =
      (pass: (run: () => tf.Tensor | tf.Tensor[]) => tf.Tensor | tf.Tensor[]) =>
      (...values: tf.Tensor[]): tf.Tensor => {
        const value = (...at: tf.Tensor[]): tf.Tensor => {
          const results = [pass(() => run(complete(at)))].flat();
          const kept = results.filter(({ dtype }) => dtype === 'float32');
          return sumOfProducts([...kept, ...at], [...outputFactors, ...inputFactors]);
        };
        const slopes = tf.grads(value)(values);
        // The inputs themselves, so that an operation whose gradients are constant has a gradient here.
        return sumOfProducts([...slopes, ...values], [...inputFactors, ...inputFactors]);
      };
    kinks.remember(() => run(complete(floats)));
    const moved = (distance: number): tf.Tensor =>
      projected((pass) => kinks.hold(pass))(
        ...floats.map((value, i) => tf.add(value, tf.mul(directions[i]!, distance))),
      );
    const gradients = tf.grads(projected((pass) => pass()))(floats);
    const result = {
      got: sumOfProducts(gradients, directions),
      wanted: tf.stack([moved(step), moved(-step)]),
    };
    kinks.dispose();
    return result;
  });
}

function sumOfProducts(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): tf.Tensor {
  return addAll(a.map((tensor, i) => tf.sum(tf.mul(tensor, b[i]!))));
}
