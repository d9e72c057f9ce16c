/**
 * Prints how tfjs-core's own op suite fares on cpu, on a bare subclass of it, and on wasm-train.
 *
 *     npx tsx test/op-suite/main.ts
 */
import { runOpSuite } from './op-suite.ts';

const results = await runOpSuite([
  ...(['cpu', 'bare', 'wasm-train, 1 thread', 'wasm-train, 2 threads'] as const),
  ...(['wasm-train relaxed, 1 thread', 'wasm-train relaxed, 2 threads'] as const),
]);
console.table(
  results.map(({ backendName, passed, failed, pending, seconds }) => ({
    backend: backendName,
    passed,
    failed,
    pending,
    seconds: Number(seconds.toFixed(1)),
  })),
);
for (const { backendName, failures } of results) {
  for (const { name, messages } of failures) {
    console.log(`${backendName} failed: ${name}\n  ${messages.join('\n  ')}`);
  }
}
if (results.some(({ backendName, failed }) => backendName.startsWith('wasm-train') && failed > 0)) {
  process.exitCode = 1;
}
