import { ForkJoin } from './fork-join.ts';
import { kernelBytes } from './kernel-bytes.ts';
import type { KernelExports, KernelFlavour } from './kernels-binary.ts';
import { MemoryPool } from './memory-pool.ts';
import { withRelaxedSimd } from './relaxed-simd.ts';
import { withSharedMemory } from './shared-memory.ts';
import { WasmTrainBackend } from './wasm-train-backend.ts';

/**
 * The requested kernels: one flavour, or the fastest that the engine runs without extra flags.
 *
 * @internal
 */
export type SimdChoice = 'auto' | KernelFlavour;

/** Why the backend cannot run in this engine, or `undefined` if it can. @internal */
export function missingFeature(simd: SimdChoice): string | undefined {
  if (typeof WebAssembly === 'undefined') return 'this JavaScript engine has no WebAssembly';
  if (!WebAssembly.validate(kernelBytes('plain')))
    return 'the WebAssembly of this engine has no SIMD';
  if (simd !== 'relaxed' || hasRelaxedSimd() || withRelaxedSimd(hasRelaxedSimd)) return undefined;
  return 'the WebAssembly of this engine has no relaxed SIMD';
}

/**
 * The kernels to compile for a choice.
 *
 * `'auto'` takes relaxed SIMD only if it needs no engine flag. The same engine on the same machine
 * then always runs the same kernels, and so returns the same bits.
 *
 * @internal
 */
export function flavourFor(simd: SimdChoice): KernelFlavour {
  if (simd !== 'auto') return simd;
  return hasRelaxedSimd() ? 'relaxed' : 'plain';
}

function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(kernelBytes('relaxed'));
}

/**
 * Compiles the kernels.
 *
 * @param shared - Whether threads share the memory.
 * @throws CompileError if the engine does not support `flavour`.
 * @internal
 */
export async function compileKernels(
  flavour: KernelFlavour,
  shared: boolean,
): Promise<WebAssembly.Module> {
  const binary = kernelBytes(flavour);
  const bytes = shared ? withSharedMemory(binary) : binary;
  if (flavour === 'relaxed' && !hasRelaxedSimd()) {
    return withRelaxedSimd(() => new WebAssembly.Module(bytes));
  }
  return await WebAssembly.compile(bytes);
}

/**
 * Creates a backend with its own memory, and starts its workers.
 *
 * @param threads - Including the main thread; more than one requires a module compiled for shared
 * memory.
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
  // The type is generated from the module's source, together with the binary.
  const wasm = instance.exports as unknown as KernelExports;
  const workers = shared ? new ForkJoin(threads, wasm, module, memory) : undefined;
  return new WasmTrainBackend(wasm, flavour, new MemoryPool(memory, maximumMemory), workers);
}
