import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions } from '../../core/checks.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import { isPromise } from '../../core/realms.ts';
import { registerImageLayers } from '../../layers/image/register-image-layers.ts';
import { Generator } from '../generator.ts';
import type { GenerateOptions } from '../generator-options.ts';
import type { ImageShape } from '../image-shape.ts';
import { Tiles } from './tiles.ts';

/**
 * Settings of {@link Translator}.
 *
 * @example A custom network that inverts pictures
 * ```ts
 * const invert = tf.layers.conv2d({ filters: 1, kernelSize: 1, useBias: false, inputShape: [8, 8, 1] });
 * const options: TranslatorOptions = { model: tf.sequential({ layers: [invert] }), ownsModel: true };
 * invert.setWeights([tf.tensor4d([-1], [1, 1, 1, 1])]);
 * const translator = new Translator(options);
 * const translated = translator.translate(tf.ones<tf.Rank.R4>([1, 8, 8, 1]));
 * console.log((await tf.max(translated).data())[0]); // -1
 * translator.dispose();
 * ```
 */
export interface TranslatorOptions {
  /**
   * Any `tf.LayersModel` from pictures, `[batch, height, width, channels]`, to pictures of the same
   * height and width, or of a whole multiple of both.
   */
  readonly model: tf.LayersModel;
  /**
   * What a game calls the pictures to translate: the name of a batch's tensor.
   *
   * @defaultValue `'source'`
   */
  readonly inputName?: string | undefined;
  /**
   * Whether {@link Translator.dispose} also disposes the model.
   *
   * @defaultValue `false`: who made the model disposes it
   */
  readonly ownsModel?: boolean | undefined;
}

/**
 * Most pixels that pass through the network at once; more are translated in turns, to bound the
 * memory.
 */
const pixelsAtOnce = 2 ** 18;

/**
 * A network that translates pictures of any size, or enlarges them.
 *
 * Pictures are tensors with values in −1…1, as datasets give them. It is used as a
 * {@link Generator} is: it translates with moving statistics and without dropout, so a picture
 * always has the same translation, whatever is translated with it; and by averaged weights, if it
 * was trained with `ema`.
 *
 * @example Pictures translated by a saved network
 * ```ts no-run
 * const translator = await Translator.load('https://example.org/model.json');
 * const photos = tf.zeros<tf.Rank.R4>([1, 256, 256, 3]);
 * const paintings = translator.translate(photos);
 * tf.dispose([photos, paintings]);
 * translator.dispose();
 * ```
 */
export class Translator {
  /**
   * The network as games, callbacks and `evaluate` take it. Its one input has the name that was
   * given, `source` by default.
   */
  readonly generator: Generator;
  /** `[height, width, channels]` of the pictures it was trained on. */
  readonly sourceShape: ImageShape;
  /** Of their translations; height and width are those of the source times a whole number. */
  readonly targetShape: ImageShape;
  readonly #inputName: string;
  /** How much larger a translation is. */
  readonly #scale: number;

  /**
   * @param options - The network.
   * @throws TypeError if the model is none, or an option is unknown.
   * @throws RangeError if the model takes something else than pictures of a known size, or returns
   *   pictures whose height and width are not those of the source times one whole number.
   */
  constructor(options: TranslatorOptions) {
    const action = 'create a Translator';
    checkOptions(action, options, ['model', 'inputName', 'ownsModel']);
    const { model, inputName = 'source', ownsModel = false } = options;
    if (typeof inputName !== 'string' || inputName === '') {
      throw new TypeError(
        `Cannot ${action}: inputName must be a string that is not empty, got ${formatValue(inputName)}`,
      );
    }
    checkOneOf(action, 'ownsModel', ownsModel, [true, false]);
    if (!(model instanceof tf.LayersModel) || model.inputs.length !== 1) {
      const actual =
        model instanceof tf.LayersModel ? `${model.inputs.length} inputs` : formatValue(model);
      throw new TypeError(
        `Cannot ${action}: model must be a tf.LayersModel with one input, got ${actual}. ` +
          'A saved one is read by Translator.load(url)',
      );
    }
    const inputs = { [inputName]: { kind: 'condition' } } as const;
    this.generator = new Generator({ model, inputs, ownsModel });
    this.#inputName = inputName;
    const source = model.inputs[0]!.shape.slice(1);
    const target = this.generator.outputShape;
    if (!isPicture(source) || !isPicture(target)) {
      throw new RangeError(
        `Cannot ${action}: the model must take and return pictures of a known height, width and number of channels, ` +
          `got one from ${formatShape(source)} to ${formatShape(target)}`,
      );
    }
    const scale = target[0] / source[0];
    if (!Number.isInteger(scale) || target[1] !== scale * source[1]) {
      throw new RangeError(
        `Cannot ${action}: the model must keep height and width of a picture, or multiply both by a whole number, ` +
          `got one from ${formatShape(source)} to ${formatShape(target)}`,
      );
    }
    this.#scale = scale;
    this.sourceShape = source;
    this.targetShape = target;
  }

  /**
   * Loads a translator that {@link Translator.save} wrote.
   *
   * @param source - Where from, as {@link Generator.load} takes it.
   * @returns The translator; it owns its model.
   * @throws DataFormatError if a file is damaged, cut or another model's; Error if one is missing
   *   or cannot be read; RangeError if it holds a generator of something else. No tensor is left
   *   behind.
   */
  static async load(source: string | URL | tf.io.IOHandler): Promise<Translator> {
    registerImageLayers();
    return Translator.of(await Generator.load(source));
  }

  /**
   * Takes over a loaded network; disposes it if it does not fit.
   *
   * @internal
   */
  static of(generator: Generator): Translator {
    const [inputName = '', ...others] = Object.keys(generator.inputs);
    const { model } = generator;
    if (generator.latentSize === 0 && others.length === 0) {
      try {
        return new Translator({ model, inputName, ownsModel: true });
      } catch (error) {
        generator.dispose();
        throw error;
      }
    }
    generator.dispose();
    throw new RangeError(
      'Cannot load a translator: the file must hold a network from pictures to pictures, got a generator of ' +
        `${Object.keys(generator.inputs).join(', ')}. Read it by Generator.load(url)`,
    );
  }

  /** Whether it was disposed, or its model was. */
  get isDisposed(): boolean {
    return this.generator.isDisposed;
  }

  /**
   * Translates pictures of any size; a network that enlarges makes each as many times as large as
   * those it was trained on.
   *
   * Those of the size of the network pass through it as they are. Others are translated in tiles of
   * that size, at every half of a tile, which fade into each other; the rim of a tile does not
   * count. Away from the rim of the picture the result is what the network would return for the
   * whole, up to 1e-5, if a pixel of its output depends on no others than those within an eighth of
   * a tile. A network that sees more, and instance norm, whose statistics are those of a tile, make
   * of each tile a picture of its own. Smaller pictures are continued by their mirror image, and
   * cut again.
   *
   * With one channel more than the network takes (2 for gray, 4 for color), the last channel is
   * opacity: the picture is laid on white, as `imageFolder` does, translated, and gets its opacity
   * back unchanged, or on straight lines between its pixels if the network enlarges.
   *
   * @param images - Pictures, `[batch, height, width, channels]` or one
   * `[height, width, channels]`, float32 in −1…1; they stay the caller's.
   * @param options - Which weights.
   * @returns As many, of the same height and width or as many times as large as the network makes
   * them, with the channels of {@link Translator.targetShape} (one more with opacity); the caller
   * disposes them.
   * @throws TypeError if `images` is no tensor of real numbers; RangeError if it has another number
   *   of axes or channels.
   *
   * @example One large picture with opacity
   * ```ts
   * const shape: ImageShape = [16, 16, 3];
   * const translator = unetTranslator({ sourceShape: shape, targetShape: shape, baseFilters: 4 });
   * const picture = tf.zeros<tf.Rank.R3>([40, 25, 4]);
   * console.log(translator.translate(picture).shape); // [ 40, 25, 4 ]
   * translator.dispose();
   * ```
   */
  translate<T extends tf.Tensor3D | tf.Tensor4D>(images: T, options: GenerateOptions = {}): T {
    const action = 'translate';
    this.generator.checkAlive(action, 'this Translator');
    checkOptions(action, options, ['averaged']);
    this.#checkImages(action, images);
    return tf.tidy(() => {
      const isOne = images.rank === 3;
      const pictures = (isOne ? tf.expandDims(images, 0) : images) as tf.Tensor4D;
      const [batch, height, width, given] = pictures.shape;
      const [, , channels] = this.sourceShape;
      if (given === channels) {
        const result = this.#inTiles(pictures, options);
        return (isOne ? tf.squeeze(result, [0]) : result) as T;
      }
      const [colors, opacity] = [0, channels].map((first) =>
        tf.slice(pictures, [0, 0, 0, first], [batch, height, width, first === 0 ? channels : 1]),
      ) as [tf.Tensor4D, tf.Tensor4D];
      // In −1…1 white is 1, and an opacity of −1 lets all of it through: c·α + 1·(1 − α) with α =
      // (opacity + 1) / 2.
      const alpha = tf.div(tf.add(opacity, 1), 2);
      const onWhite = tf.add(tf.mul(tf.sub(colors, 1), alpha), 1);
      const result = tf.concat(
        [this.#inTiles(onWhite as tf.Tensor4D, options), this.#enlarged(opacity)],
        3,
      );
      return (isOne ? tf.squeeze(result, [0]) : result) as T;
    });
  }

  /**
   * Saves the translator, without any training state.
   *
   * @param target - Where to, as {@link Generator.save} takes it.
   * @param options - Which weights.
   * @returns The result of the handler.
   * @throws TypeError if `target` is not an address or a handler; Error if no handler takes the
   *   address, the handler cannot write, or the translator was disposed.
   */
  save(
    target: string | URL | tf.io.IOHandler,
    options: GenerateOptions = {},
  ): Promise<tf.io.SaveResult> {
    return this.generator.save(target, options);
  }

  /** Frees the averaged weights, and the model if it is this translator's own. */
  dispose(): void {
    this.generator.dispose();
  }

  /** The same as {@link Translator.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #inTiles(pictures: tf.Tensor4D, options: GenerateOptions): tf.Tensor4D {
    const [, height, width] = pictures.shape;
    const [high, wide] = this.sourceShape;
    const tiles = new Tiles([height, width], [high, wide]);
    const cut = tiles.cut(pictures);
    const [count] = cut.shape;
    const [targetHigh, targetWide] = this.targetShape;
    const atOnce = Math.max(1, Math.floor(pixelsAtOnce / (targetHigh * targetWide)));
    const parts: tf.Tensor4D[] = [];
    for (let first = 0; first < count; first += atOnce) {
      const some = tf.slice(cut, first, Math.min(atOnce, count - first));
      const given: Readonly<Record<string, tf.Tensor>> = { [this.#inputName]: some };
      parts.push(this.generator.generate(given, options) as tf.Tensor4D);
    }
    return tiles.join(parts.length === 1 ? parts[0]! : tf.concat(parts, 0));
  }

  #enlarged(opacity: tf.Tensor4D): tf.Tensor4D {
    if (this.#scale === 1) return opacity;
    const [, height, width] = opacity.shape;
    const size: [number, number] = [height * this.#scale, width * this.#scale];
    return tf.image.resizeBilinear(opacity, size, false, true);
  }

  #checkImages(action: string, images: unknown): void {
    if (!(images instanceof tf.Tensor)) {
      const cure = isPromise(images) ? '. Wait for it: await …' : '';
      throw new TypeError(
        `Cannot ${action}: images must be a tensor [batch, height, width, channels] or [height, width, channels], ` +
          `got ${formatValue(images)}${cure}`,
      );
    }
    if (images.dtype !== 'float32') {
      throw new TypeError(
        `Cannot ${action}: images must be of dtype float32 with values in −1…1, got ${images.dtype}. ` +
          'Make bytes such numbers first: tf.sub(tf.div(bytes, 127.5), 1)',
      );
    }
    const [high, wide, channels] = this.sourceShape;
    const { shape } = images as tf.Tensor;
    const given = shape.at(-1) ?? 0;
    const fits = given === channels || (isColor(channels) && given === channels + 1);
    if ([3, 4].includes(shape.length) && fits && shape.every((size) => size > 0)) {
      this.#checkSides(action, shape.slice(-3));
      return;
    }
    const wanted = isColor(channels)
      ? `${channels} channels, or ${channels + 1} with opacity`
      : `${channels} channels`;
    throw new RangeError(
      `Cannot ${action}: images must be of the shape [batch, height, width, channels] or [height, width, channels] with ` +
        `${wanted}, as a translator of ${formatShape([high, wide, channels])} takes, got ${formatShape(shape)}`,
    );
  }

  /** Refuses larger pictures for a network that has no half in whole pixels. */
  #checkSides(action: string, shape: readonly number[]): void {
    const [high, wide] = this.sourceShape;
    const fits = (side: number, tile: number): boolean => side <= tile || tile % 2 === 0;
    if (fits(shape[0]!, high) && fits(shape[1]!, wide)) return;
    throw new RangeError(
      `Cannot ${action}: images must be no larger than ${high}×${wide}, as only a network with even sides works in tiles, ` +
        `got ${formatShape(shape)}`,
    );
  }
}

function isPicture(shape: readonly (number | null)[]): shape is ImageShape {
  return shape.length === 3 && shape.every((size) => typeof size === 'number');
}

/** Whether pictures of so many channels may have opacity beside them. */
function isColor(channels: number): boolean {
  return channels === 1 || channels === 3;
}
