import { ForkJoin } from './fork-join.ts';
import { kernelBinaries } from './kernels-binary.ts';
import type { KernelExports, KernelFlavour } from './kernels-binary.ts';
import { MemoryPool } from './memory-pool.ts';
import { withRelaxedSimd } from './relaxed-simd.ts';
import { withSharedMemory } from './shared-memory.ts';
import { WasmTrainBackend } from './wasm-train-backend.ts';

/** Which kernels are asked for: one kind, or the fastest that the engine runs as it stands. @internal */
export type SimdChoice = 'auto' | KernelFlavour;

/** Why the backend cannot run in this engine, or `undefined` if it can. @internal */
export function missingFeature(simd: SimdChoice): string | undefined {
  if (typeof WebAssembly === 'undefined') return 'this JavaScript engine has no WebAssembly';
  if (!WebAssembly.validate(binaryOf('plain'))) return 'the WebAssembly of this engine has no SIMD';
  if (simd !== 'relaxed' || hasRelaxedSimd() || withRelaxedSimd(hasRelaxedSimd)) return undefined;
  return 'the WebAssembly of this engine has no relaxed SIMD';
}

/**
 * The kernels to compile for a choice.
 *
 * `'auto'` takes relaxed SIMD only where nothing has to be switched on for it: then the same engine on the same machine
 * always gives the same kernels, and so the same bits.
 *
 * @internal
 */
export function flavourFor(simd: SimdChoice): KernelFlavour {
  if (simd !== 'auto') return simd;
  return hasRelaxedSimd() ? 'relaxed' : 'plain';
}

function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(binaryOf('relaxed'));
}

/**
 * Compiles the kernels.
 *
 * @param shared - Whether for a memory that threads share.
 * @throws CompileError where the engine does not have the flavour.
 * @internal
 */
export async function compileKernels(
  flavour: KernelFlavour,
  shared: boolean,
): Promise<WebAssembly.Module> {
  const binary = binaryOf(flavour);
  const bytes = shared ? withSharedMemory(binary) : binary;
  if (flavour === 'relaxed' && !hasRelaxedSimd()) {
    return withRelaxedSimd(() => new WebAssembly.Module(bytes));
  }
  return await WebAssembly.compile(bytes);
}

/**
 * Makes a backend with a memory of its own, and starts its workers.
 *
 * @param threads - The main thread included; more than one needs a module compiled for a shared memory.
 * @internal
 */
export function createBackend(
  module: WebAssembly.Module,
  flavour: KernelFlavour,
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
  return new WasmTrainBackend(wasm, flavour, new MemoryPool(memory, maximumMemory), workers);
}

function binaryOf(flavour: KernelFlavour): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(kernelBinaries[flavour]), (character) => character.charCodeAt(0));
}
