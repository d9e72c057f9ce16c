import type * as tf from '@tensorflow/tfjs';
import { Generator } from '../models/generator.ts';
import type { PngWriter } from './encode-samples.ts';
import { GeneratorModel } from './generator-model.ts';
import type { ServedModel } from './served-model.ts';

/**
 * Loads a saved generator to serve it, and computes once, so that the first request does not wait
 * for it.
 *
 * @throws DataFormatError if a file is damaged; Error if one is missing; TypeError if it is a
 * translator, or generates the rows of a table.
 *
 * @internal
 */
export async function loadServedModel(
  source: tf.io.IOHandler,
  batchSize: number,
  png: PngWriter,
): Promise<ServedModel> {
  const generator = await Generator.load(source);
  const model = new GeneratorModel(generator, batchSize, png);
  generator.sample(1, { seed: 0 }).dispose();
  return model;
}
