import { mixture, type MixtureDataset, type MixtureOptions } from './mixture.ts';

/**
 * Points around eight modes on a circle of radius 1: the standard first test for mode collapse.
 *
 * A generator that drops modes shows it within minutes, on any backend.
 *
 * @param options - Number of points, seed, and standard deviation.
 * @returns Points `[2]`, labeled by mode.
 * @throws RangeError if a setting is out of range.
 *
 * @example Eight modes
 * ```ts
 * const ring = ring8({ size: 1000, seed: 1 });
 * console.log(ring.modes.length, ring.standardDeviation); // 8 0.01
 * ```
 *
 * @see Lin et al., PacGAN: The power of two samples in generative adversarial networks, 2018,
 * section 4.1. {@link https://arxiv.org/abs/1712.04086}
 */
export function ring8(options: MixtureOptions = {}): MixtureDataset {
  const modes = Array.from({ length: 8 }, (_, i): [number, number] => {
    const angle = (2 * Math.PI * i) / 8;
    return [Math.cos(angle), Math.sin(angle)];
  });
  return mixture('ring8', modes, options, 0.01);
}
