import { nodeProcess } from '../../core/node-process.ts';

/**
 * The version of V8 in Node 20, where relaxed SIMD is complete but needs a flag. Later versions
 * enable it by default.
 */
const versionWithSwitch = '11.3.';

/**
 * Runs `compile` with relaxed SIMD enabled, if the engine has a flag for it.
 *
 * Resets the flag before any other code runs, so that other libraries see the engine unchanged.
 *
 * @param compile - Compiles or validates synchronously.
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
