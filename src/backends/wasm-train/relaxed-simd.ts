import { nodeProcess } from '../../core/node-process.ts';

/** The version of V8, of Node 20, that has relaxed SIMD, finished, behind a switch; the next ones have it in the open. */
const versionWithSwitch = '11.3.';

/**
 * Runs something that compiles, with relaxed SIMD switched on where the engine has a switch.
 *
 * Switched off again before anything else runs, so that what another library finds in the engine stays the same.
 *
 * @param compile - Compiles, or validates; at once and not as a promise.
 * @internal
 */
export function withRelaxedSimd<Result>(compile: () => Result): Result {
  const engine = nodeProcess();
  if (engine.versions?.v8?.startsWith(versionWithSwitch) !== true) return compile();
  const v8 = engine.getBuiltinModule?.('node:v8');
  v8?.setFlagsFromString('--experimental-wasm-relaxed-simd');
  try {
    return compile();
  } finally {
    v8?.setFlagsFromString('--no-experimental-wasm-relaxed-simd');
  }
}
