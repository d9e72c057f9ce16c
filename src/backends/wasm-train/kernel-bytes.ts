import { joinBytes } from '../../core/join-bytes.ts';
import { type KernelFlavour, plainKernels, relaxedKernels } from './kernels-binary.ts';

/** A compiled module of kernels. @internal */
export function kernelBytes(flavour: KernelFlavour): Uint8Array<ArrayBuffer> {
  const plain = fromText(plainKernels);
  return flavour === 'plain' ? plain : patched(plain, relaxedKernels);
}

/**
 * Applies what `npm run build:kernels` writes of a module that is nearly the same: steps, separated
 * by `|`, that each keep some bytes, drop some, and add those of a text.
 *
 * @internal
 */
export function patched(bytes: Uint8Array, patch: string): Uint8Array<ArrayBuffer> {
  let at = 0;
  const parts = patch.split('|').flatMap((step) => {
    const [keep = '', drop = '', added = ''] = step.split('~');
    const kept = bytes.subarray(at, at + Number(keep));
    at += Number(keep) + Number(drop);
    return [kept, fromText(added)];
  });
  return joinBytes(parts);
}

/**
 * Bytes of a text of printable characters. `#` to `r` are the bytes 0 to 79; after an `s`, `t` or
 * `u` they are the bytes from 80, 160 or 240 on. Most bytes of a module are low, so they are one
 * character, and the same bytes are always the same text, which compresses well.
 *
 * @internal
 */
export function fromText(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 35;
    if (digit < 80) bytes.push(from + digit);
    from = digit < 80 ? 0 : 80 * (digit - 79);
  }
  return Uint8Array.from(bytes);
}
