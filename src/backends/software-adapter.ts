/** Names that graphics adapters emulated on the processor go by. */
const software = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

/**
 * Whether the adapter of this name is a program on the processor in place of a graphics card: a browser falls back to it
 * without a word.
 *
 * @internal
 */
export function isEmulated(adapter: string): boolean {
  return software.test(adapter);
}
