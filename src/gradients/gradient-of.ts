import type * as tf from '@tensorflow/tfjs';

/** The gradient of each input of a kernel, made when it is asked for. @internal */
export type InputGradients = Readonly<Record<string, () => tf.Tensor>>;

/**
 * Ties a gradient to the kernel it is of, in the form tfjs registers.
 *
 * @param kernelName - The kernel.
 * @param saved - Names of the kernel's inputs that the gradient is made of.
 * @param gradient - From the gradient of the kernel's output those of its inputs. What it computes is differentiated
 *   again under a penalty, so it consists of operations that have gradients, and of `constant` ones.
 * @internal
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it types the caller's function
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
