import type * as tf from '@tensorflow/tfjs';

/** The gradient of each input of a kernel, computed on request. @internal */
export type InputGradients = Readonly<Record<string, () => tf.Tensor>>;

/**
 * Attaches a gradient to its kernel, in the form that tfjs registers.
 *
 * @param kernelName - The kernel.
 * @param saved - Names of the kernel's inputs that the gradient uses.
 * @param gradient - Maps the gradient of the kernel's output to those of its inputs. A penalty
 * differentiates it again, so it consists of operations with gradients, and of `constant` ones.
 * @internal
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- infers a type
export function gradientOf<Name extends string, Attributes = undefined>(
  kernelName: string,
  saved: readonly Name[],
  gradient: (
    dy: tf.Tensor,
    inputs: Readonly<Record<Name, tf.Tensor>>,
    attributes: Attributes,
  ) => InputGradients,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: [...saved],
    gradFunc: (dy, tensors, attributes) => {
      const inputs = Object.fromEntries(saved.map((name, i) => [name, tensors[i]]));
      return gradient(
        dy as tf.Tensor,
        inputs as Record<Name, tf.Tensor>,
        attributes as unknown as Attributes,
      );
    },
  };
}
