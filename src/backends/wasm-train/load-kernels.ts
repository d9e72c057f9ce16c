import { ForkJoin } from './fork-join.ts';
import { kernelBinaries } from './kernels-binary.ts';
import type { KernelExports, KernelFlavour } from './kernels-binary.ts';
import { MemoryPool } from './memory-pool.ts';
import { withSharedMemory } from './shared-memory.ts';
import { WasmTrainBackend } from './wasm-train-backend.ts';

/** The smallest module with a SIMD instruction: one function that makes a v128 and drops it. */
const simdProbe: Uint8Array<ArrayBuffer> = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
);

/** Why the backend cannot run in this engine, or `undefined` if it can. @internal */
export function missingFeature(): string | undefined {
  if (typeof WebAssembly === 'undefined') return 'this JavaScript engine has no WebAssembly';
  if (!WebAssembly.validate(simdProbe)) return 'the WebAssembly of this engine has no SIMD';
  return undefined;
}

/**
 * Compiles the kernels.
 *
 * @param shared - Whether for a memory that threads share.
 * @internal
 */
export async function compileKernels(
  flavour: KernelFlavour,
  shared: boolean,
): Promise<WebAssembly.Module> {
  const binary = decodeBase64(kernelBinaries[flavour]);
  return await WebAssembly.compile(shared ? withSharedMemory(binary) : binary);
}

/**
 * Makes a backend with a memory of its own, and starts its workers.
 *
 * @param threads - The main thread included; more than one needs a module compiled for a shared memory.
 * @internal
 */
export function createBackend(
  module: WebAssembly.Module,
  maximumMemory: number,
  threads: number,
): WasmTrainBackend {
  const shared = threads > 1;
  const maximum = Math.ceil(maximumMemory / 65_536);
  const memory = new WebAssembly.Memory({ initial: 1, maximum, shared });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  // The type is generated from the module's own source, together with the binary.
  const wasm = instance.exports as unknown as KernelExports;
  const workers = shared ? new ForkJoin(threads, wasm, module, memory) : undefined;
  return new WasmTrainBackend(wasm, new MemoryPool(memory, maximumMemory), workers);
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
