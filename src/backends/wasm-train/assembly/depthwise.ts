import { multiplyAdd } from './gemm-tile';
import { loadLanes, storeLanes } from './lanes';
import { inputAt, outputAt, seeingX, seeingY, seenX, seenY, Window } from './window';

// Filters are [taps, channels, multiplier]: with a multiplier of one, four channels at a time.

/** Each channel of the input by its own filters; rows are counted over all images. */
export function depthwise(table: usize, filter: usize, firstRow: i32, lastRow: i32): void {
  const window = changetype<Window>(table);
  const multiplier = window.multiplier;
  const count = window.channels * multiplier;
  const step = multiplier == 1 ? 4 : 1;
  for (let row = firstRow; row < lastRow; row++) {
    const n = row / window.outHeight;
    const y = row % window.outHeight;
    for (let x = 0; x < window.outWidth; x++) {
      const to = outputAt(window, n, y, x);
      for (let j = 0; j < count; j += step) {
        const left = multiplier == 1 ? count - j : 1;
        const c = multiplier == 1 ? j : j / multiplier;
        let sum = f32x4.splat(0);
        for (let tapY = 0; tapY < window.filterHeight; tapY++) {
          const fromY = seenY(window, y, tapY);
          if (<u32>fromY >= <u32>window.inHeight) continue;
          for (let tapX = 0; tapX < window.filterWidth; tapX++) {
            const fromX = seenX(window, x, tapX);
            if (<u32>fromX >= <u32>window.inWidth) continue;
            const seen = loadLanes(inputAt(window, n, fromY, fromX) + (c << 2), left);
            const tap = (tapY * window.filterWidth + tapX) * count + j;
            sum = multiplyAdd(seen, loadLanes(filter + (tap << 2), left), sum);
          }
        }
        storeLanes(to + (j << 2), sum, left);
      }
    }
  }
}

/** The input of the window becomes its gradient, from the output, which holds the output's. */
export function depthwiseInputGradient(
  table: usize,
  filter: usize,
  firstRow: i32,
  lastRow: i32,
): void {
  const window = changetype<Window>(table);
  const multiplier = window.multiplier;
  const count = window.channels * multiplier;
  const step = multiplier == 1 ? 4 : 1;
  for (let row = firstRow; row < lastRow; row++) {
    const n = row / window.inHeight;
    const y = row % window.inHeight;
    for (let x = 0; x < window.inWidth; x++) {
      const to = inputAt(window, n, y, x);
      for (let c = 0; c < window.channels; c += step) {
        const left = multiplier == 1 ? count - c : 1;
        let sum = f32x4.splat(0);
        for (let tapY = 0; tapY < window.filterHeight; tapY++) {
          const fromY = seeingY(window, y, tapY);
          if (fromY < 0) continue;
          for (let tapX = 0; tapX < window.filterWidth; tapX++) {
            const fromX = seeingX(window, x, tapX);
            if (fromX < 0) continue;
            const from = outputAt(window, n, fromY, fromX);
            const tap = (tapY * window.filterWidth + tapX) * count;
            for (let j = c * multiplier; j < (c + 1) * multiplier; j++) {
              const weights = loadLanes(filter + ((tap + j) << 2), left);
              sum = multiplyAdd(loadLanes(from + (j << 2), left), weights, sum);
            }
          }
        }
        storeLanes(to + (c << 2), sum, left);
      }
    }
  }
}

/**
 * Gradients of some taps: for each filter the sum of input · gradient over all places, image by
 * image.
 */
export function depthwiseFilterGradient(
  table: usize,
  result: usize,
  batch: i32,
  firstTap: i32,
  lastTap: i32,
): void {
  const window = changetype<Window>(table);
  const multiplier = window.multiplier;
  const count = window.channels * multiplier;
  const step = multiplier == 1 ? 4 : 1;
  for (let tap = firstTap; tap < lastTap; tap++) {
    const own = result + ((<usize>tap * <usize>count) << 2);
    memory.fill(own, 0, count << 2);
    for (let n = 0; n < batch; n++) {
      for (let j = 0; j < count; j += step) {
        const left = multiplier == 1 ? count - j : 1;
        const c = multiplier == 1 ? j : j / multiplier;
        let sum = f32x4.splat(0);
        for (let y = 0; y < window.outHeight; y++) {
          const fromY = seenY(window, y, tap / window.filterWidth);
          if (<u32>fromY >= <u32>window.inHeight) continue;
          for (let x = 0; x < window.outWidth; x++) {
            const fromX = seenX(window, x, tap % window.filterWidth);
            if (<u32>fromX >= <u32>window.inWidth) continue;
            const seen = loadLanes(inputAt(window, n, fromY, fromX) + (c << 2), left);
            const gradient = loadLanes(outputAt(window, n, y, x) + (j << 2), left);
            sum = multiplyAdd(seen, gradient, sum);
          }
        }
        const to = own + (j << 2);
        storeLanes(to, f32x4.add(loadLanes(to, left), sum), left);
      }
    }
  }
}
