import { isCondition } from '../models/conditions.ts';
import type { NetworkInput } from '../models/network.ts';

/**
 * NumPy code that draws an input of the distribution that the network was trained with; labels are
 * 0.
 *
 * @param input - Its description.
 * @param sizes - Number of samples, then the shape of one.
 *
 * @internal
 */
export function numpyInput(input: NetworkInput, sizes: readonly number[]): string {
  const count = sizes[0]!;
  const size = `(${sizes.join(', ')})`;
  if (!isCondition(input)) {
    const isUniform = input.kind === 'latents' && input.distribution === 'uniform';
    const draw = isUniform ? `uniform(-1, 1, ${size})` : `normal(size=${size})`;
    return `random.${draw}.astype(np.float32)`;
  }
  if (input.classes !== undefined) return `np.zeros(${count}, np.int32)`;
  if (input.categorical === undefined) return `random.normal(size=${size}).astype(np.float32)`;
  const parts = input.categorical.map(
    (values) => `np.eye(${values})[random.integers(${values}, size=${count})]`,
  );
  if (input.continuous > 0) parts.push(`random.uniform(-1, 1, (${count}, ${input.continuous}))`);
  return `np.concatenate([${parts.join(', ')}], 1).astype(np.float32)`;
}

/**
 * The same in PyTorch.
 *
 * @param input - Its description.
 * @param sizes - Number of samples, then the shape of one, channels first.
 *
 * @internal
 */
export function torchInput(input: NetworkInput, sizes: readonly number[]): string {
  const count = sizes[0]!;
  const size = sizes.join(', ');
  if (!isCondition(input)) {
    const isUniform = input.kind === 'latents' && input.distribution === 'uniform';
    return isUniform ? `torch.rand(${size}) * 2 - 1` : `torch.randn(${size})`;
  }
  if (input.classes !== undefined) return `torch.zeros(${count}, dtype=torch.long)`;
  if (input.categorical === undefined) return `torch.randn(${size})`;
  const parts = input.categorical.map(
    (values) => `torch.eye(${values})[torch.randint(${values}, (${count},))]`,
  );
  if (input.continuous > 0) parts.push(`torch.rand(${count}, ${input.continuous}) * 2 - 1`);
  return `torch.cat([${parts.join(', ')}], 1)`;
}
