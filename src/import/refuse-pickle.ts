import { DataFormatError } from '../core/errors.ts';
import { encodeText } from '../core/text.ts';

/**
 * Refuses the files of `torch.save`: a pickle, alone or in a zip, is a program that reading runs.
 *
 * @internal
 */
export function refusePickle(bytes: Uint8Array, file: string): void {
  // A pickle begins with its protocol. The length of the header of safetensors may have the same
  // bytes, but the header itself follows it.
  const isPickle = bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes[8] !== 0x7b;
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isPickle && !(isZip && has(bytes, encodeText('/data.pkl')))) return;
  throw new DataFormatError(
    'safetensors',
    `Cannot read ${file}: it must be safetensors, got a pickle of torch.save, which can run any code when it is read. Convert it in Python: ` +
      "from safetensors.torch import save_file; import torch; save_file(torch.load('model.pt', weights_only=True), 'model.safetensors')",
  );
}

/** Whether bytes are anywhere in a file: the names in a zip may be at its start, its end, or both. */
function has(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const [first] = wanted;
  for (let at = bytes.indexOf(first!); at >= 0; at = bytes.indexOf(first!, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
