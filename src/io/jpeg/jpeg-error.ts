import { DataFormatError } from '../../core/errors.ts';

/** The error for a file that cannot be read, and why. @internal */
export function refusedJpeg(detail: string): DataFormatError {
  return new DataFormatError('JPEG', `Cannot read the JPEG: ${detail}`);
}

/** The error for a file that does not keep to the format. @internal */
export function damagedJpeg(detail: string): DataFormatError {
  return refusedJpeg(`the file is damaged (${detail})`);
}

/** The error for a file that ends too early. @internal */
export function cutJpeg(detail: string): DataFormatError {
  return refusedJpeg(`the file is truncated (${detail}). Copy or download it again`);
}
