import * as tf from '@tensorflow/tfjs';
import { formatValue } from '../core/format.ts';
import { recordedInputs } from '../tfjs-internals/tape.ts';
import { leafLayers } from './layers-model.ts';

/**
 * Runs a pass inside a differentiated function, and warns of variables that it uses but no layer
 * lists: those of layers inside a custom layer, and variables of such a layer. They are neither
 * trained nor saved.
 *
 * It inspects the tape of TensorFlow.js and runs no operations.
 *
 * @param network - Name of the network in the warning.
 * @param listed - The variables that its layers list.
 *
 * @internal
 */
export function warnAboutUnlisted<T>(
  network: string,
  model: tf.LayersModel,
  listed: readonly tf.Variable[],
  pass: () => T,
): T {
  const { value: output, inputs } = recordedInputs(pass);
  const variables = [...new Set(inputs)].filter((input) => input instanceof tf.Variable);
  const unlisted = (variables as tf.Variable[]).filter((variable) => !listed.includes(variable));
  if (unlisted.length > 0) {
    console.warn(
      `tfjs-gan: the ${network} computes with weights that none of its layers lists, so they are never trained, saved or ` +
        `restored: ${unlisted.map((variable) => described(variable, model)).join(', ')}. Create weights with ` +
        'this.addWeight() in build(); build a layer inside another one in build() too, and return its weights from the ' +
        'getters trainableWeights and nonTrainableWeights',
    );
  }
  return output;
}

/** Its name, and that of its layer, if it is known. */
function described(variable: tf.Variable, model: tf.LayersModel): string {
  const holder = leafLayers(model).find((layer) =>
    Object.values(layer)
      .flat()
      .some((held) => held === variable || holds(held, variable)),
  );
  const name = formatValue(variable.name);
  return holder === undefined ? name : `${name} in the layer ${formatValue(holder.name)}`;
}

function holds(held: unknown, variable: tf.Variable): boolean {
  if (!(held instanceof tf.layers.Layer)) return false;
  return held.weights.some((weight) => (weight.read() as unknown) === variable);
}
