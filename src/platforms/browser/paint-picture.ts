import { formatValue } from '../../core/format.ts';
import { canvasPixels } from '../../io/canvas-pixels.ts';
import type { Picture } from '../../io/picture.ts';

/** A canvas of the page, or one in a worker. @internal */
export type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** @internal */
export function checkCanvas(action: string, canvas: Canvas): void {
  // Of any kind, but not null: what querySelector gives where there is none.
  if (typeof (canvas as Partial<HTMLCanvasElement> | null)?.getContext === 'function') return;
  throw new TypeError(`Cannot ${action}: canvas must be a canvas, got ${formatValue(canvas)}`);
}

/** Draws a picture on a canvas, which takes its size. @internal */
export function paintPicture(action: string, canvas: Canvas, picture: Picture): void {
  // Both kinds have it; TypeScript does not always find the common type of the two.
  const context = (canvas as HTMLCanvasElement).getContext('2d');
  if (context === null) {
    throw new Error(
      `Cannot ${action}: canvas must have a 2d context, got one that is in use for another kind. Use a new canvas`,
    );
  }
  const { width, height } = picture;
  // Setting a size clears the canvas, even where it is the same.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  context.putImageData(new ImageData(canvasPixels(picture), width, height), 0, 0);
}
