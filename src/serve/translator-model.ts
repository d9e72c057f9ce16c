import * as tf from '@tensorflow/tfjs';
import { formatShape } from '../core/format.ts';
import { convertPicture } from '../io/convert-picture.ts';
import { decodePng } from '../io/png.ts';
import type { Translator } from '../models/translators/translator.ts';
import { encodeSamples, type PngWriter } from './encode-samples.ts';
import { valuesOf } from './generator-model.ts';
import { computeEach, notFinite } from './refusal.ts';
import type {
  GeneratorAbout,
  Job,
  JobResult,
  SampleJob,
  ServedModel,
  TranslationJob,
} from './served-model.ts';

/** Pixels and their shape, `[count, height, width, channels]`. */
interface Pictures {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/**
 * A translator that computes jobs in this thread, each by itself: requests hardly have pictures of
 * one size.
 *
 * @internal
 */
export class TranslatorModel implements ServedModel {
  readonly about: GeneratorAbout;
  readonly #translator: Translator;
  readonly #inputName: string;
  readonly #writePng: PngWriter;

  /**
   * @param translator - The translator; the caller keeps owning it.
   * @param writePng - Writes PNG files.
   */
  constructor(translator: Translator, writePng: PngWriter) {
    const { generator, sourceShape } = translator;
    const { inputs, outputShape, valueRange } = generator;
    const [inputName = ''] = Object.keys(inputs);
    const inputShapes = { [inputName]: sourceShape };
    this.about = { kind: 'translator', inputs, inputShapes, outputShape, valueRange };
    this.#translator = translator;
    this.#inputName = inputName;
    this.#writePng = writePng;
  }

  run(jobs: readonly Job[]): Promise<readonly JobResult[]> {
    // Routes of a translator have no others.
    return computeEach(jobs, (job) => this.#compute(job as SampleJob | TranslationJob));
  }

  async #compute(job: SampleJob | TranslationJob): Promise<JobResult> {
    const isFile = job.kind === 'translation' && 'png' in job.pictures;
    const { values, shape } = this.#pictures(job);
    const translated = tf.tidy(() =>
      this.#translator.translate(tf.tensor4d(values, shape as [number, number, number, number])),
    );
    const { shape: size } = translated;
    const numbers = await valuesOf(translated);
    if (!numbers.every(Number.isFinite)) return notFinite(!isFile);
    const png = { write: this.#writePng, valueRange: this.about.valueRange };
    return { body: encodeSamples(numbers, size, job.encoding, png) };
  }

  #pictures(job: SampleJob | TranslationJob): Pictures {
    if (job.kind === 'sample') {
      const values = job.given[this.#inputName] as Float32Array;
      return { values, shape: [job.count, ...this.#translator.sourceShape] };
    }
    return 'png' in job.pictures ? this.#decoded(job.pictures.png) : job.pictures;
  }

  /** The pixels of a file in −1…1; what is transparent shows white. */
  #decoded(png: Uint8Array): Pictures {
    const { sourceShape } = this.#translator;
    const [, , channels] = sourceShape;
    if (channels !== 1 && channels !== 3) {
      throw new RangeError(
        `Cannot read the picture: the body must be JSON, as a PNG does not fit pictures of ${formatShape(sourceShape)}`,
      );
    }
    const { width, height, data } = convertPicture(decodePng(png), channels, 255);
    const values = Float32Array.from(data, (byte) => byte / 127.5 - 1);
    return { values, shape: [1, height, width, channels] };
  }
}
