import type { MixtureDataset } from 'tfjs-gan';

/** How well points cover a mixture. */
export interface Coverage {
  /** How many modes have at least one point in them. */
  readonly modesFound: number;
  /** Share of the points that lie in a mode. */
  readonly shareNear: number;
}

/** A point lies in a mode if it is within three standard deviations of its centre. */
export function judgePoints(
  points: readonly (readonly number[])[],
  { modes, standardDeviation }: Pick<MixtureDataset, 'modes' | 'standardDeviation'>,
): Coverage {
  const limit = 3 * standardDeviation;
  const found = new Set<number>();
  let near = 0;
  for (const [x = 0, y = 0] of points) {
    const mode = modes.findIndex(([a = 0, b = 0]) => Math.hypot(x - a, y - b) <= limit);
    if (mode === -1) continue;
    found.add(mode);
    near += 1;
  }
  return { modesFound: found.size, shareNear: near / points.length };
}
