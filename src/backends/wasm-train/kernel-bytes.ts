import { joinBytes } from '../../core/join-bytes.ts';
import { type KernelFlavour, plainKernels, relaxedKernels } from './kernels-binary.ts';

/** A compiled module of kernels. @internal */
export function kernelBytes(flavour: KernelFlavour): Uint8Array<ArrayBuffer> {
  const plain = fromHex(plainKernels);
  return flavour === 'plain' ? plain : patched(plain, relaxedKernels);
}

/**
 * Applies what `npm run build:kernels` writes of a module that is nearly the same: steps, separated
 * by semicolons, that each keep some bytes, drop some, and add those in hexadecimal.
 *
 * @internal
 */
export function patched(bytes: Uint8Array, patch: string): Uint8Array<ArrayBuffer> {
  let at = 0;
  const parts = patch.split(';').flatMap((step) => {
    const [keep = '', drop = '', added = ''] = step.split(',');
    const kept = bytes.subarray(at, at + Number(keep));
    at += Number(keep) + Number(drop);
    return [kept, fromHex(added)];
  });
  return joinBytes(parts);
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}
