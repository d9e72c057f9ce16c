import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';
import { outsideTape } from '../tfjs-internals/tape.ts';
import { type ImageBatch, pixelsAt } from './image-rows.ts';
import { type AugmentDraws, identityPlus, ifDrawn, powerLessOne } from './random-parameters.ts';

/** Largest move of a blit, and deviation of a geometric one, as shares of the sides. */
const reach = 0.125;

/** Deviations of the binary logarithms of scale and stretch. */
const scaleDeviation = 0.2;

/** Entries of 3×3 matrices that parameters are multiplied with. */
const entries = {
  x: [1, 0, 0, 0, 0, 0, 0, 0, 0],
  y: [0, 0, 0, 0, 1, 0, 0, 0, 0],
  both: [1, 0, 0, 0, 1, 0, 0, 0, 0],
  turn: [0, -1, 0, 1, 0, 0, 0, 0, 0],
  moveX: [0, 0, 1, 0, 0, 0, 0, 0, 0],
  moveY: [0, 0, 0, 0, 0, 1, 0, 0, 0],
} as const;

/**
 * Flips, turns, moves and scales each image of a batch at random.
 *
 * Values between pixels are linear between the four around them; outside, the image is mirrored
 * about its outermost pixels.
 *
 * @param images - `[batch, height, width, channels]`.
 * @returns The same shape.
 *
 * @internal
 */
export function warp(images: tf.Tensor, draws: AugmentDraws): tf.Tensor {
  const { kinds } = draws;
  if (!kinds.includes('geometric') && !kinds.includes('blit')) return images;
  const size = images.shape as unknown as ImageBatch;
  // If one side is even and the other odd, quarter turns put pixels between those of the image.
  const isBetween = kinds.includes('geometric') || (size[1] - size[2]) % 2 !== 0;
  const { places, weights } = outsideTape(() => sampledPixels(size, isBetween, draws));
  const pixels = pixelsAt(images, places);
  if (!isBetween) return tf.reshape(pixels, images.shape);
  // [4 · pixels, channels] → [4, pixels, channels] → [pixels, channels]
  const corners = tf.reshape(pixels, [4, -1, size[3]]);
  return tf.reshape(tf.sum(tf.mul(corners, weights), 0), images.shape);
}

/**
 * Where the pixels of the warped images are in the given ones: rows of `[batch · height · width]`,
 * four for each pixel with the weight of each, or one alone if all lie on pixels.
 */
function sampledPixels(
  [batch, height, width]: ImageBatch,
  isBetween: boolean,
  draws: AugmentDraws,
): { readonly places: tf.Tensor1D; readonly weights: tf.Tensor } {
  return tf.tidy(() => {
    const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
    const grid = tf.tensor2d(
      [0, 1, 2].map((axis) =>
        Array.from(
          { length: height * width },
          (_, i) => [(i % width) - middleX, Math.floor(i / width) - middleY, 1][axis]!,
        ),
      ),
    );
    const matrices = tf.reshape(inverseTransform([batch, height, width], draws), [-1, 3]);
    const points = tf.reshape(tf.matMul(matrices, grid), [batch, 3, height * width]);
    const axis = (index: number): tf.Tensor =>
      tf.reshape(tf.slice(points, [0, index, 0], [batch, 1, -1]), [batch, -1]);
    const [left, right] = neighbors(mirrored(tf.add(axis(0), middleX), width), width);
    const [top, bottom] = neighbors(mirrored(tf.add(axis(1), middleY), height), height);
    // Backends compute floats fastest, and round none of these whole numbers.
    const type = batch * height * width <= 2 ** 24 ? 'float32' : 'int32';
    const starts = Array.from({ length: batch }, (_, i) => i * height * width);
    const first = tf.tensor2d(starts, [batch, 1], type);
    const at = (row: Neighbor, column: Neighbor): tf.Tensor1D => {
      const inImage = tf.add(tf.mul(row.place, width), column.place);
      return tf.reshape(tf.cast(tf.add(first, tf.cast(inImage, type)), 'int32'), [-1]);
    };
    if (!isBetween) {
      return { places: at(nearer(top, bottom), nearer(left, right)), weights: tf.scalar(1) };
    }
    const corners = [top, bottom].flatMap((row) =>
      [left, right].map((column) => [row, column] as const),
    );
    return {
      places: tf.concat(corners.map(([row, column]) => at(row, column))),
      weights: tf.stack(
        corners.map(([row, column]) => tf.reshape(tf.mul(row.weight, column.weight), [-1, 1])),
      ),
    };
  });
}

/** A row or column beside each point, `[batch, pixels]`, and how much of it the point has. */
interface Neighbor {
  readonly place: tf.Tensor;
  readonly weight: tf.Tensor;
}

function neighbors(at: tf.Tensor, size: number): readonly [Neighbor, Neighbor] {
  const place = tf.floor(at);
  const share = tf.sub(at, place);
  return [
    { place, weight: tf.sub(1, share) },
    { place: tf.minimum(tf.add(place, 1), size - 1), weight: share },
  ];
}

function nearer(before: Neighbor, after: Neighbor): Neighbor {
  const isAfter = tf.greater(after.weight, 0.5);
  return { place: tf.where(isAfter, after.place, before.place), weight: tf.scalar(1) };
}

/** Coordinates mirrored about the first and last pixel until they lie between them. */
function mirrored(at: tf.Tensor, size: number): tf.Tensor {
  const period = Math.max(1, 2 * (size - 1));
  const far = tf.abs(at);
  // The remainder; a quotient that is rounded up makes it less than 0.
  const there = tf.relu(tf.sub(far, tf.mul(tf.floor(tf.div(far, period)), period)));
  return tf.minimum(there, tf.sub(period, there));
}

/** From pixels of the warped image to those of the given one, about the middle: `[batch, 3, 3]`. */
function inverseTransform(
  [batch, height, width]: readonly [number, number, number],
  draws: AugmentDraws,
): tf.Tensor3D {
  const { kinds, random, probability } = draws;
  const normal = (deviation: number): Float32Array =>
    random.normalArray(batch).map((value) => value * deviation);
  const whole = (bound: number): Float32Array =>
    random.uniformArray(batch, 0, bound).map(Math.floor);
  const matrices: tf.Tensor3D[] = [];
  if (kinds.includes('blit')) {
    const [flip] = ifDrawn(random, probability, whole(2));
    matrices.push(identityPlus(3, [tf.mul(flip!, -2), entries.x]));
    const [quarters] = ifDrawn(random, probability, whole(4));
    const turn = tf.mul(quarters!, Math.PI / 2);
    matrices.push(turned(tf.round(tf.cos(turn)), tf.round(tf.sin(turn))));
    const steps = (side: number): Float32Array =>
      random.uniformArray(batch, -reach, reach).map((share) => Math.round(share * side));
    const across = steps(width);
    matrices.push(moved(ifDrawn(random, probability, across, steps(height))));
  }
  if (kinds.includes('geometric')) {
    // A turn before, a turn after, or both: with the probability of one of the other changes.
    const ofTurn = tf.sub(1, tf.sqrt(tf.sub(1, probability)));
    const [scale] = ifDrawn(random, probability, normal(scaleDeviation));
    matrices.push(identityPlus(3, [powerLessOne(0.5, scale!), entries.both]));
    matrices.push(randomTurn(random, ofTurn, batch));
    const [stretch] = ifDrawn(random, probability, normal(scaleDeviation));
    matrices.push(
      identityPlus(
        3,
        [powerLessOne(0.5, stretch!), entries.x],
        [powerLessOne(2, stretch!), entries.y],
      ),
    );
    matrices.push(randomTurn(random, ofTurn, batch));
    const shares = [normal(reach * width), normal(reach * height)];
    matrices.push(moved(ifDrawn(random, probability, ...shares)));
  }
  return matrices.reduce((product, matrix) => tf.matMul(product, matrix));
}

function randomTurn(random: Random, probability: tf.Tensor, batch: number): tf.Tensor3D {
  const [angle] = ifDrawn(random, probability, random.uniformArray(batch, -Math.PI, Math.PI));
  return turned(tf.cos(angle!), tf.sin(angle!));
}

function turned(cosine: tf.Tensor, sine: tf.Tensor): tf.Tensor3D {
  return identityPlus(3, [tf.sub(cosine, 1), entries.both], [sine, entries.turn]);
}

function moved([x, y]: readonly tf.Tensor[]): tf.Tensor3D {
  return identityPlus(3, [tf.neg(x!), entries.moveX], [tf.neg(y!), entries.moveY]);
}
