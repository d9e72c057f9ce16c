import { mixture, type MixtureDataset, type MixtureOptions } from './mixture.ts';

const side = [-4, -2, 0, 2, 4];

/**
 * Points around 25 modes on a square grid from −4 to 4: a harder test for mode collapse than
 * {@link ring8}.
 *
 * @param options - Number of points, seed, and standard deviation.
 * @returns Points `[2]`, labeled by mode.
 * @throws RangeError if a setting is out of range.
 *
 * @example Twenty-five modes
 * ```ts
 * const grid = grid25({ size: 1000, seed: 1 });
 * console.log(grid.modes.length, grid.standardDeviation); // 25 0.05
 * ```
 *
 * @see Lin et al., PacGAN: The power of two samples in generative adversarial networks, 2018,
 * section 4.1. {@link https://arxiv.org/abs/1712.04086}
 */
export function grid25(options: MixtureOptions = {}): MixtureDataset {
  const modes = side.flatMap((x) => side.map((y): [number, number] => [x, y]));
  return mixture('grid25', modes, options, 0.05);
}
