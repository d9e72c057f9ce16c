import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random.ts';
import { type LayerCall, replaceLayerCalls } from '../../tfjs-internals/layer-call.ts';
import { withVariables } from '../../tfjs-internals/layer-variables.ts';
import { compareGradients } from './compare-gradients.ts';

/**
 * Finds layers whose gradients are wrong or cannot be computed: each is checked alone, like a
 * critic, on its inputs in a forward pass.
 *
 * @param layers - The layers to check.
 * @param pass - Runs the network once.
 * @param around - Wraps the pass, for example to hold statistics.
 * @param tolerance - The largest acceptable relative error.
 * @param random - Source of the directions.
 * @returns Their names.
 * @internal
 */
export async function wrongLayers(
  layers: readonly tf.layers.Layer[],
  pass: () => void,
  around: <T>(run: () => T) => T,
  tolerance: number,
  random: Random,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const calls = callsOf(layers, pass);
  try {
    for (const [layer, { inputs, settings }] of calls) {
      const given = [inputs].flat();
      const variables = layer.trainableWeights;
      for (const [i, input] of given.entries()) {
        if (input.dtype !== 'float32' || wrong.includes(layer.name)) continue;
        const alone = (x: tf.Tensor, [scale, ...values]: readonly tf.Tensor[]): tf.Tensor => {
          const there = tf.mul(x, scale!);
          const all = given.map((other, at) => (at === i ? there : other));
          return around(() =>
            withVariables(variables, values, () =>
              inDirection(layer.call(Array.isArray(inputs) ? all : there, settings)),
            ),
          );
        };
        // A scale of one for each value replaces the weights of earlier layers, on which the input
        // depends.
        const ones = tf.ones(input.shape);
        const weights = [ones, ...variables.map((variable) => variable.read())];
        const { isWrong } = await compareGradients(alone, input, weights, tolerance, random);
        ones.dispose();
        if (isWrong === true) wrong.push(layer.name);
      }
    }
  } finally {
    for (const { inputs } of calls.values()) tf.dispose(inputs);
  }
  return wrong;
}

type ReceivedCall = Pick<LayerCall, 'inputs' | 'settings'>;

/** The inputs of each layer in a pass; of the first call, if there are several. */
function callsOf(
  layers: readonly tf.layers.Layer[],
  pass: () => void,
): ReadonlyMap<tf.layers.Layer, ReceivedCall> {
  const calls = new Map<tf.layers.Layer, ReceivedCall>();
  const keep = (tensor: tf.Tensor): tf.Tensor => tf.keep(tf.clone(tensor));
  try {
    tf.tidy(() => {
      replaceLayerCalls(
        layers,
        (layer, { inputs, settings, run }) => {
          if (!calls.has(layer)) {
            const kept = Array.isArray(inputs) ? inputs.map(keep) : keep(inputs);
            calls.set(layer, { inputs: kept, settings });
          }
          return run();
        },
        pass,
      );
    });
  } catch {
    // A layer that fails in the pass would also fail alone, and is reported for that.
  }
  return calls;
}

/** Outputs times random factors: the sum of a softmax, for example, has a zero gradient. */
function inDirection(outputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  const products = [outputs].flat().map((output) => {
    const factors = tf.randomUniform(output.shape, -1, 1, 'float32', 1);
    return tf.reshape(tf.mul(tf.cast(output, 'float32'), factors), [-1]);
  });
  return tf.concat(products);
}
