import * as tf from '@tensorflow/tfjs';
import { registerImageLayers } from '../layers/image/register-image-layers.ts';
import { TableGenerator } from '../models/table/table-generator.ts';
import { Translator } from '../models/translators/translator.ts';
import type { PngWriter } from './encode-samples.ts';
import { GeneratorModel } from './generator-model.ts';
import type { ServedModel } from './served-model.ts';
import { TableModel } from './table-model.ts';
import { TranslatorModel } from './translator-model.ts';

/**
 * Loads a saved generator, translator or generator of a table to serve it, and computes once, so
 * that the first request does not wait for it.
 *
 * @throws DataFormatError if a file is damaged; Error if one is missing; RangeError if it has no
 *   latents and does not translate pictures.
 *
 * @internal
 */
export async function loadServedModel(
  source: tf.io.IOHandler,
  batchSize: number,
  png: PngWriter,
): Promise<ServedModel> {
  // The file may be a translator's.
  registerImageLayers();
  const generator = await TableGenerator.loadAny(source);
  if (generator instanceof TableGenerator) {
    await generator.sample(1, { seed: 0 });
    return new TableModel(generator);
  }
  if (generator.latentSize === 0) {
    const translator = Translator.of(generator);
    tf.tidy(() => void translator.translate(tf.zeros<tf.Rank.R3>([...translator.sourceShape])));
    return new TranslatorModel(translator, png);
  }
  const model = new GeneratorModel(generator, batchSize, png);
  generator.sample(1, { seed: 0 }).dispose();
  return model;
}
