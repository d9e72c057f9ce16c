import * as tf from '@tensorflow/tfjs';
import { formatValue } from '../core/format.ts';
import { layersAfter } from '../tfjs-internals/layer-graph.ts';
import type { ConditionInput } from './conditions.ts';

/** Layers that accept class probabilities, `[batch, classes]`, in place of labels. */
const mixingLayers: readonly string[] = ['ConditionalBatchNorm', 'OneHot', 'ProjectionHead'];

/** The condition of a path. @internal */
export interface ConditionPlace {
  readonly model: tf.LayersModel;
  readonly input: ConditionInput;
  /** Name of the input. */
  readonly name: string;
  /** Index among the model's inputs. */
  readonly place: number;
}

/**
 * Interpolates linearly between two conditions; the caller disposes the result.
 *
 * Between two classes it returns class probabilities: the layers then use the same mixture of their
 * weights for both.
 *
 * @param ends - `[2, …]`, or two labels.
 * @param steps - Number of steps, both ends included.
 * @returns `[steps, …]`; labels as `[steps]` if both ends are known to be the same class, otherwise
 * class probabilities `[steps, classes]`.
 * @throws RangeError if labels go to layers that cannot mix classes.
 *
 * @internal
 */
export function conditionPath(
  ends: tf.Tensor | readonly number[],
  steps: number,
  of: ConditionPlace,
): tf.Tensor {
  const { input } = of;
  const line = (rows: tf.Tensor): tf.Tensor => {
    const [first, last] = tf.unstack(rows) as [tf.Tensor, tf.Tensor];
    const t = tf.reshape(tf.linspace(0, 1, steps), [steps, ...first.shape.map(() => 1)]);
    return tf.add(tf.mul(tf.sub(1, t), first), tf.mul(t, last));
  };
  if (!(ends instanceof tf.Tensor) && ends[0] === ends[1]) {
    return tf.fill([steps], ends[0]!, 'int32');
  }
  return tf.tidy(() => {
    const rows = ends instanceof tf.Tensor ? ends : tf.tensor1d([...ends], 'int32');
    if (input.classes === undefined) return line(rows);
    checkMixes(of);
    return line(tf.cast(tf.oneHot(tf.cast(rows, 'int32'), input.classes), 'float32'));
  });
}

/** Refuses models whose layers look labels up and accept only whole classes. */
function checkMixes({ model, name, place }: ConditionPlace): void {
  const others = layersAfter(model.inputs[place]!)
    .map((layer) => layer.getClassName())
    .filter((kind) => !mixingLayers.includes(kind));
  const [other] = others;
  if (other === undefined) return;
  throw new RangeError(
    `Cannot interpolate: the layers that receive ${name} must be of ${mixingLayers.join(', ')} to mix classes, ` +
      `got ${formatValue(other)}. Pass one class for all steps: { ${name}: 3 }`,
  );
}
