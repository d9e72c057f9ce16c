/** Names that graphics adapters emulated on the processor go by. */
const software = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

/**
 * The reason to refuse a graphics adapter that is emulated in software, or `undefined` for a real one.
 *
 * Emulation is far slower than `wasm-train` on the same processor, and no user asked for it: the browser falls
 * back to it without a word.
 *
 * @internal
 */
export function softwareAdapterReason(adapter: string): string | undefined {
  if (!software.test(adapter)) return undefined;
  return `its adapter is emulated in software (${adapter}), slower than wasm-train`;
}
