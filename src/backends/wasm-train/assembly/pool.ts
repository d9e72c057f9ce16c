import { loadLanes, storeLanes } from './lanes';
import { inputAt, outputAt, seeingX, seeingY, seenX, seenY, Window } from './window';

/**
 * The largest value of each window, a NaN left out as cpu does; rows are counted over all images.
 */
export function maxPool(table: usize, firstRow: i32, lastRow: i32): void {
  const window = changetype<Window>(table);
  for (let row = firstRow; row < lastRow; row++) {
    const n = row / window.outHeight;
    const y = row % window.outHeight;
    for (let x = 0; x < window.outWidth; x++) {
      const to = outputAt(window, n, y, x);
      for (let c = 0; c < window.channels; c += 4) {
        const left = window.channels - c;
        let best = f32x4.splat(f32.NEGATIVE_INFINITY);
        for (let tapY = 0; tapY < window.filterHeight; tapY++) {
          const fromY = seenY(window, y, tapY);
          if (<u32>fromY >= <u32>window.inHeight) continue;
          for (let tapX = 0; tapX < window.filterWidth; tapX++) {
            const fromX = seenX(window, x, tapX);
            if (<u32>fromX >= <u32>window.inWidth) continue;
            const seen = loadLanes(inputAt(window, n, fromY, fromX) + (c << 2), left);
            best = f32x4.pmax(best, seen);
          }
        }
        storeLanes(to + (c << 2), best, left);
      }
    }
  }
}

/** The mean of what is inside the image of each window. */
export function averagePool(table: usize, firstRow: i32, lastRow: i32): void {
  const window = changetype<Window>(table);
  for (let row = firstRow; row < lastRow; row++) {
    const n = row / window.outHeight;
    const y = row % window.outHeight;
    for (let x = 0; x < window.outWidth; x++) {
      const to = outputAt(window, n, y, x);
      for (let c = 0; c < window.channels; c += 4) {
        const left = window.channels - c;
        let sum = f32x4.splat(0);
        let count = 0;
        for (let tapY = 0; tapY < window.filterHeight; tapY++) {
          const fromY = seenY(window, y, tapY);
          if (<u32>fromY >= <u32>window.inHeight) continue;
          for (let tapX = 0; tapX < window.filterWidth; tapX++) {
            const fromX = seenX(window, x, tapX);
            if (<u32>fromX >= <u32>window.inWidth) continue;
            const at = inputAt(window, n, fromY, fromX) + (c << 2);
            sum = f32x4.add(sum, loadLanes(at, left));
            count++;
          }
        }
        storeLanes(to + (c << 2), f32x4.div(sum, f32x4.splat(<f32>count)), left);
      }
    }
  }
}

/** The input of the window becomes scale · the sum of the outputs that see it. */
export function averagePoolGradient(table: usize, scale: f32, firstRow: i32, lastRow: i32): void {
  const window = changetype<Window>(table);
  for (let row = firstRow; row < lastRow; row++) {
    const n = row / window.inHeight;
    const y = row % window.inHeight;
    for (let x = 0; x < window.inWidth; x++) {
      const to = inputAt(window, n, y, x);
      for (let c = 0; c < window.channels; c += 4) {
        const left = window.channels - c;
        let sum = f32x4.splat(0);
        for (let tapY = 0; tapY < window.filterHeight; tapY++) {
          const fromY = seeingY(window, y, tapY);
          if (fromY < 0) continue;
          for (let tapX = 0; tapX < window.filterWidth; tapX++) {
            const fromX = seeingX(window, x, tapX);
            if (fromX < 0) continue;
            const at = outputAt(window, n, fromY, fromX) + (c << 2);
            sum = f32x4.add(sum, loadLanes(at, left));
          }
        }
        storeLanes(to + (c << 2), f32x4.mul(sum, f32x4.splat(scale)), left);
      }
    }
  }
}

@inline
function addLane(target: usize, position: i32, value: f32): void {
  if (position < 0) return;
  const at = target + <usize>position;
  store<f32>(at, load<f32>(at) + value);
}

/**
 * Adds the output's gradients where the input of each window is the largest, at the first of
 * several; nowhere if all are NaN.
 */
export function maxPoolGradient(table: usize, target: usize, firstImage: i32, lastImage: i32): void {
  const window = changetype<Window>(table);
  const imageBytes = (window.inHeight * window.inWidth * window.channels) << 2;
  for (let n = firstImage; n < lastImage; n++) {
    const own = target + <usize>n * <usize>imageBytes;
    const image = inputAt(window, n, 0, 0);
    memory.fill(own, 0, imageBytes);
    for (let y = 0; y < window.outHeight; y++) {
      for (let x = 0; x < window.outWidth; x++) {
        const gradients = outputAt(window, n, y, x);
        for (let c = 0; c < window.channels; c += 4) {
          const left = window.channels - c;
          let best = f32x4.splat(f32.NEGATIVE_INFINITY);
          let position = i32x4.splat(-1);
          for (let tapY = 0; tapY < window.filterHeight; tapY++) {
            const fromY = seenY(window, y, tapY);
            if (<u32>fromY >= <u32>window.inHeight) continue;
            for (let tapX = 0; tapX < window.filterWidth; tapX++) {
              const fromX = seenX(window, x, tapX);
              if (<u32>fromX >= <u32>window.inWidth) continue;
              const at = ((fromY * window.inWidth + fromX) * window.channels + c) << 2;
              const seen = loadLanes(image + <usize>at, left);
              const larger = f32x4.gt(seen, best);
              best = v128.bitselect(seen, best, larger);
              position = v128.bitselect(i32x4.splat(at), position, larger);
            }
          }
          const from = gradients + (c << 2);
          addLane(own, i32x4.extract_lane(position, 0), load<f32>(from));
          if (left > 1) addLane(own + 4, i32x4.extract_lane(position, 1), load<f32>(from, 4));
          if (left > 2) addLane(own + 8, i32x4.extract_lane(position, 2), load<f32>(from, 8));
          if (left > 3) addLane(own + 12, i32x4.extract_lane(position, 3), load<f32>(from, 12));
        }
      }
    }
  }
}
