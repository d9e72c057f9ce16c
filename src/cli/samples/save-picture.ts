import type { Generator } from '../../models/generator.ts';
import { saveImageGrid } from '../../platforms/node/save-image-grid.ts';
import { classInputOf } from './conditions-of.ts';

/** What a picture of samples shows. */
export interface PictureRequest {
  /** Number of samples; by default 64, or whole rows of every class. */
  readonly count: number | undefined;
  readonly seed: number;
  readonly scale: number;
  readonly columns?: number | undefined;
  /** Classes of the samples. */
  readonly labels?: readonly number[] | undefined;
}

/** Samples of a picture without another count. */
const usualCount = 64;

/** Saves one picture of new samples; of a generator with classes, each class has a column. */
export async function savePicture(
  path: string,
  generator: Generator,
  { count, seed, scale, columns, labels }: PictureRequest,
): Promise<void> {
  const input = classInputOf(generator);
  const classCount = input?.classes;
  const isByClass = labels === undefined && classCount !== undefined && classCount <= usualCount;
  const total =
    count ??
    (isByClass ? classCount * Math.max(1, Math.floor(usualCount / classCount)) : usualCount);
  const given =
    labels ?? (isByClass ? Array.from({ length: total }, (_, i) => i % classCount) : undefined);
  const conditions = input === undefined || given === undefined ? {} : { [input.name]: given };
  const samples = generator.sample(total, { seed, ...conditions });
  try {
    const { valueRange } = generator;
    await saveImageGrid(path, samples, {
      columns: columns ?? (isByClass ? classCount : undefined),
      scale,
      ...(valueRange === undefined ? {} : { valueRange }),
    });
  } finally {
    samples.dispose();
  }
}
