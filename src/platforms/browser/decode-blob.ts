import { DataFormatError } from '../../core/errors.ts';
import { messageOf } from '../../core/realms.ts';
import type { Picture } from '../../io/picture.ts';

/**
 * Decodes a file by what the browser has: PNG, JPEG, WebP, AVIF and whatever else it knows, turned
 * upright.
 *
 * @param name - What the file is called in an error.
 *
 * @internal
 */
export async function decodeBlob(action: string, name: string, blob: Blob): Promise<Picture> {
  const bitmap = await bitmapOf(action, name, blob);
  try {
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d', {
      willReadFrequently: true,
    });
    if (context === null) {
      throw new Error(
        `Cannot ${action}: the browser must have a canvas of ${width}×${height} for '${name}', got none`,
      );
    }
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, channels: 4, data: new Uint8Array(data.buffer) };
  } finally {
    bitmap.close();
  }
}

async function bitmapOf(action: string, name: string, blob: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(blob, {
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
      // As in Node: the values of the file, whatever its color profile.
      colorSpaceConversion: 'none',
    });
  } catch (cause) {
    throw new DataFormatError(
      'picture',
      `Cannot ${action}: '${name}' must be a picture that this browser can read, got ${blob.size} bytes of the type ` +
        `'${blob.type}' (${messageOf(cause)})`,
      { cause },
    );
  }
}
