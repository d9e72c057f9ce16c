/** Names of graphics adapters that are emulated on the CPU. */
const software = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

/**
 * Whether the adapter of this name is emulated on the CPU. Browsers fall back to such an adapter
 * without a warning.
 *
 * @internal
 */
export function isEmulated(adapter: string): boolean {
  return software.test(adapter);
}
