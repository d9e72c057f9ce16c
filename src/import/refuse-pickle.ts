import { DataFormatError } from '../core/errors.ts';
import { decodeText } from '../core/text.ts';

/**
 * Refuses the files of `torch.save`: a pickle, alone or in a zip, is a program that reading runs.
 *
 * @internal
 */
export function refusePickle(bytes: Uint8Array, file: string): void {
  // A pickle begins with its protocol, and the last entries of a zip name its members. The length
  // of the header of safetensors may have the same bytes, but the header itself follows it.
  const isPickle = bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes[8] !== 0x7b;
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const end = isZip ? decodeText(bytes.subarray(-0x10000)) : '';
  if (!isPickle && !end.includes('/data.pkl')) return;
  throw new DataFormatError(
    'safetensors',
    `Cannot read ${file}: it must be safetensors, got a pickle of torch.save, which can run any code when it is read. Convert it in Python: ` +
      "from safetensors.torch import save_file; import torch; save_file(torch.load('model.pt', weights_only=True), 'model.safetensors')",
  );
}
