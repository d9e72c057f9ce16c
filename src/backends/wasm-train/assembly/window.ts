/**
 * A window that slides over images, channel by channel: of a pooling or a depthwise convolution.
 *
 * The output's place (y, x) sees the input's pixels (y · strideY − padTop + tap · dilationY, …),
 * where these are inside. Filled from TypeScript (kernels/window.ts): the fields in order. `output`
 * has `channels` · `multiplier` channels.
 */
@unmanaged
export class Window {
  input!: usize;
  output!: usize;
  inHeight!: i32;
  inWidth!: i32;
  channels!: i32;
  outHeight!: i32;
  outWidth!: i32;
  filterHeight!: i32;
  filterWidth!: i32;
  strideY!: i32;
  strideX!: i32;
  dilationY!: i32;
  dilationX!: i32;
  padTop!: i32;
  padLeft!: i32;
  multiplier!: i32;
}

/** The input's row that a row of the output sees through a tap; perhaps outside. */
@inline
export function seenY(window: Window, y: i32, tap: i32): i32 {
  return y * window.strideY - window.padTop + tap * window.dilationY;
}

@inline
export function seenX(window: Window, x: i32, tap: i32): i32 {
  return x * window.strideX - window.padLeft + tap * window.dilationX;
}

/** The output's row that sees a row of the input through a tap; −1 if there is none. */
@inline
export function seeingY(window: Window, y: i32, tap: i32): i32 {
  return seeing(y + window.padTop - tap * window.dilationY, window.strideY, window.outHeight);
}

@inline
export function seeingX(window: Window, x: i32, tap: i32): i32 {
  return seeing(x + window.padLeft - tap * window.dilationX, window.strideX, window.outWidth);
}

@inline
function seeing(distance: i32, stride: i32, size: i32): i32 {
  if (distance < 0 || distance % stride != 0) return -1;
  const place = distance / stride;
  return place < size ? place : -1;
}

/** The address of a pixel of the input's image `n`. */
@inline
export function inputAt(window: Window, n: i32, y: i32, x: i32): usize {
  const pixel = (n * window.inHeight + y) * window.inWidth + x;
  return window.input + ((<usize>pixel * <usize>window.channels) << 2);
}

/** The address of a pixel of the output's image `n`. */
@inline
export function outputAt(window: Window, n: i32, y: i32, x: i32): usize {
  const pixel = (n * window.outHeight + y) * window.outWidth + x;
  return window.output + ((<usize>pixel * <usize>(window.channels * window.multiplier)) << 2);
}
