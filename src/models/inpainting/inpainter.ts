import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions } from '../../core/checks.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { Random } from '../../core/random.ts';
import { registerImageLayers } from '../../layers/image/register-image-layers.ts';
import { Generator } from '../generator.ts';
import type { GenerateOptions } from '../generator-options.ts';
import type { ImageShape } from '../image-shape.ts';
import { zerosAndOnes } from './draw-holes.ts';

/** Inputs of the network, in its order. */
const inputNames = ['samples', 'hole'] as const;

/**
 * A network that fills holes in images.
 *
 * Images are tensors with values in −1…1, as datasets give them. The network itself puts the known
 * pixels back, so {@link Inpainter.fill} returns them bit-for-bit, and so does every program that
 * loads it. It is used as a {@link Generator} is: with moving statistics, and with averaged weights
 * if it was trained with `ema`.
 *
 * @example Images repaired by a saved network
 * ```ts no-run
 * const inpainter = await Inpainter.load('https://example.org/model.json');
 * const photo = tf.zeros<tf.Rank.R3>([28, 28, 1]);
 * const hole = drawHoles(1, { imageShape: [28, 28, 1], strokes: 2 });
 * const repaired = inpainter.fill(photo, hole);
 * tf.dispose([photo, hole, repaired]);
 * inpainter.dispose();
 * ```
 */
export class Inpainter {
  /** The network as games and callbacks take it; its inputs are `samples` and `hole`. */
  readonly generator: Generator;
  /** `[height, width, channels]` of the images. */
  readonly imageShape: ImageShape;

  /**
   * @param options - The network.
   * @throws TypeError if the model does not have two inputs, or an option is unknown; RangeError if
   *   they are not an image and a mask of its size, or the output is another image.
   */
  constructor(options: {
    /**
     * A `tf.LayersModel` with two inputs, an image `[batch, height, width, channels]` and a mask
     * `[batch, height, width, 1]`, that returns the completed image.
     */
    readonly model: tf.LayersModel;
    /**
     * Draws holes where none are given, in training and for pictures of a run; without it, they are
     * the tensor `hole` of the batches.
     *
     * @internal
     */
    readonly drawHoles?: ((random: Random, count: number) => tf.Tensor) | undefined;
    /**
     * Whether {@link Inpainter.dispose} also disposes the model.
     *
     * @defaultValue `false`: who made the model disposes it
     */
    readonly ownsModel?: boolean | undefined;
  }) {
    const action = 'create an Inpainter';
    checkOptions(action, options, ['model', 'drawHoles', 'ownsModel']);
    const { model, drawHoles, ownsModel = false } = options;
    checkOneOf(action, 'ownsModel', ownsModel, [true, false]);
    if (!(model instanceof tf.LayersModel) || model.inputs.length !== 2) {
      const actual =
        model instanceof tf.LayersModel ? `${model.inputs.length} inputs` : formatValue(model);
      throw new TypeError(
        `Cannot ${action}: model must be a tf.LayersModel with two inputs, an image and a hole, got ${actual}. ` +
          'A saved one is read by Inpainter.load(url)',
      );
    }
    const [image, hole] = model.inputs.map(({ shape }) => shape.slice(1));
    const output = model.outputs[0]!.shape.slice(1);
    const isImage = image?.length === 3 && image.every((size) => typeof size === 'number');
    const wanted = [...(image ?? []).slice(0, 2), 1];
    if (!isImage || String(hole) !== String(wanted) || String(output) !== String(image)) {
      throw new RangeError(
        `Cannot ${action}: the model must take an image and a hole [height, width, 1], and return an image of the same ` +
          `shape, got ${formatShape(image!)} and ${formatShape(hole!)} to ${formatShape(output)}`,
      );
    }
    const source = drawHoles === undefined ? 'batch' : 'uniform';
    const inputs = {
      samples: { kind: 'condition' },
      hole: { kind: 'condition', source },
    } as const;
    this.generator = new Generator({ model, inputs, ownsModel });
    // Not enumerable, so that saved files and snapshots, which copy inputs, have no function.
    Object.defineProperty(this.generator.inputs['hole'], 'draw', { value: drawHoles });
    this.imageShape = image as unknown as ImageShape;
  }

  /**
   * Loads an inpainter that {@link Inpainter.save} wrote.
   *
   * @param source - The address, as for {@link Generator.load}.
   * @returns The inpainter; it owns its model.
   * @throws DataFormatError if a file is damaged or of another model; Error if one is missing or
   *   cannot be read; RangeError if it holds a generator of something else. No tensor is leaked.
   */
  static async load(source: string | URL | tf.io.IOHandler): Promise<Inpainter> {
    registerImageLayers();
    const generator = await Generator.load(source);
    const names = Object.keys(generator.inputs);
    if (String(names) === String(inputNames)) {
      try {
        const { model } = generator;
        return new Inpainter({ model, ownsModel: true });
      } catch (error) {
        generator.dispose();
        throw error;
      }
    }
    generator.dispose();
    throw new RangeError(
      `Cannot load an inpainter: the file must hold a network of samples and hole, got a generator of ${names.join(', ')}. ` +
        'Read it by Generator.load(url), or by Translator.load(url) if it translates images',
    );
  }

  /** Whether it was disposed, or its model was. */
  get isDisposed(): boolean {
    return this.generator.isDisposed;
  }

  /**
   * Fills holes in images; all other pixels are returned bit-for-bit.
   *
   * @param images - `[batch, height, width, channels]` or one `[height, width, channels]`, of
   * {@link Inpainter.imageShape}, float32 in −1…1. What they have inside the holes is ignored. They
   * stay the caller's.
   * @param hole - 1 for a pixel to fill, 0 for a known one (above 0.5 counts as 1):
   * `[batch, height, width, 1]`, or `[height, width]`, `[height, width, 1]` or
   * `[1, height, width, 1]` for all images; it stays the caller's.
   * @param options - Which weights.
   * @returns The completed images, in the shape of `images`; the caller disposes them.
   * @throws TypeError if images or hole are not tensors of real numbers; RangeError if they have
   * another shape or number.
   *
   * @example One image
   * ```ts
   * const { inpainter } = createInpaintingGan({ imageShape: [16, 16, 1], baseFilters: 2, discriminatorFilters: 2 });
   * const image = tf.randomUniform<tf.Rank.R3>([16, 16, 1], -1, 1);
   * const hole = tf.pad(tf.ones([4, 4]), [[6, 6], [6, 6]]) as tf.Tensor2D;
   * console.log(inpainter.fill(image, hole).shape); // [ 16, 16, 1 ]
   * ```
   */
  fill<T extends tf.Tensor3D | tf.Tensor4D>(
    images: T,
    hole: tf.Tensor2D | tf.Tensor3D | tf.Tensor4D,
    options: GenerateOptions = {},
  ): T {
    const action = 'fill holes';
    this.generator.checkAlive(action, 'this Inpainter');
    checkOptions(action, options, ['averaged']);
    checkReal(action, 'images', images);
    checkReal(action, 'hole', hole);
    const [height, width, channels] = this.imageShape;
    if (
      ![3, 4].includes(images.rank) ||
      String(images.shape.slice(-3)) !== String(this.imageShape)
    ) {
      throw new RangeError(
        `Cannot ${action}: images must have the shape [batch, ${height}, ${width}, ${channels}] or ` +
          `${formatShape(this.imageShape)}, got ${formatShape(images.shape)}`,
      );
    }
    const batch = images.rank === 4 ? images.shape[0] : 1;
    const size = height * width;
    const sides = hole.rank === 4 ? hole.shape.slice(1) : hole.shape;
    const masks = hole.rank === 4 ? hole.shape[0] : 1;
    const hasSides = sides[0] === height && sides[1] === width && (sides[2] ?? 1) === 1;
    if (!hasSides || (masks !== batch && masks !== 1)) {
      throw new RangeError(
        `Cannot ${action}: hole must have the shape ${formatShape([batch, height, width, 1])}, ` +
          `or ${formatShape([height, width])} for all images, got ${formatShape(hole.shape)}`,
      );
    }
    return tf.tidy(() => {
      const samples = tf.reshape(images, [batch, ...this.imageShape]);
      const mask = tf.reshape(zerosAndOnes(hole), [masks, size]);
      const each = masks === batch ? mask : tf.tile(mask, [batch, 1]);
      const inputs: Readonly<Record<string, tf.Tensor>> = {
        samples,
        hole: tf.reshape(each, [batch, height, width, 1]),
      };
      return tf.reshape(this.generator.generate(inputs, options), images.shape) as T;
    });
  }

  /**
   * Saves the inpainter, without any training state.
   *
   * @param target - Where to, as {@link Generator.save} takes it.
   * @param options - Which weights.
   * @returns The result of the handler.
   * @throws TypeError if `target` is not an address or a handler; Error if no handler takes the
   *   address, the handler cannot write, or the inpainter was disposed.
   */
  save(
    target: string | URL | tf.io.IOHandler,
    options: GenerateOptions = {},
  ): Promise<tf.io.SaveResult> {
    return this.generator.save(target, options);
  }

  /** Frees the averaged weights, and the model if it is this inpainter's own. */
  dispose(): void {
    this.generator.dispose();
  }

  /** The same as {@link Inpainter.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function checkReal(action: string, name: string, value: unknown): void {
  if (value instanceof tf.Tensor && (name === 'hole' || value.dtype === 'float32')) return;
  const wanted = name === 'hole' ? 'a tensor of zeros and ones' : 'a float32 tensor in −1…1';
  const actual = value instanceof tf.Tensor ? `one of dtype ${value.dtype}` : formatValue(value);
  throw new TypeError(`Cannot ${action}: ${name} must be ${wanted}, got ${actual}`);
}
