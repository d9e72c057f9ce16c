import type { Random } from 'tfjs-gan';
import type { TableRow } from 'tfjs-gan/tabular';

/** Mean beak length, beak depth and mass of the species, and where they live. */
const species = [
  {
    name: 'Adelie',
    share: 0.44,
    beak: 38.8,
    depth: 18.3,
    mass: 3700,
    islands: ['Biscoe', 'Dream'],
  },
  { name: 'Gentoo', share: 0.36, beak: 47.5, depth: 15, mass: 5076, islands: ['Biscoe'] },
  { name: 'Chinstrap', share: 0.2, beak: 48.8, depth: 18.4, mass: 3733, islands: ['Dream'] },
];

/** Made-up penguins like those of Palmer Station: species, island, sizes, sex, of which some are not known. */
export function drawPenguins(count: number, random: Random): TableRow[] {
  return Array.from({ length: count }, () => {
    let at = random.uniform();
    const kind = species.find(({ share }) => (at -= share) < 0) ?? species[0]!;
    const isMale = random.uniform() < 0.5;
    const [size = 0, shape = 0, weight = 0] = random.normalArray(3);
    const sign = isMale ? 1 : -1;
    const rounded = (value: number): number => Math.round(value * 10) / 10;
    return {
      species: kind.name,
      island: kind.islands[random.integer(kind.islands.length)]!,
      beak: random.uniform() < 0.02 ? null : rounded(kind.beak + 1.7 * sign + 2 * size),
      depth: rounded(kind.depth + 0.7 * sign + 0.8 * shape),
      mass: 25 * Math.round((kind.mass + 330 * sign + 150 * size + 250 * weight) / 25),
      sex: random.uniform() < 0.03 ? null : isMale ? 'male' : 'female',
    };
  });
}
