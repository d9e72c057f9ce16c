/**
 * What has to stand before tfjs-core's specs are loaded: jasmine's globals, the backend under test and its name.
 * esbuild bundles this in front of the specs (run-op-suite.ts); the copy of tfjs-core in the bundle is the only one.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { WasmTrainBackend } from '../../src/backends/wasm-train/wasm-train-backend.ts';

interface SpecResult {
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

interface JasmineEnvironment {
  configure(options: object): void;
  addReporter(reporter: { specDone(result: SpecResult): void }): void;
  execute(): Promise<unknown>;
}

/** A cpu backend with nothing changed but its name: what cannot pass on it is no fault of ours. */
function registerBareSubclass(): void {
  class BareBackend extends MathBackendCPU {}
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    tf.registerKernel({ ...kernel, backendName: 'bare' });
  }
  tf.registerBackend('bare', () => new BareBackend());
}

const backendName = process.env['OP_SUITE_BACKEND'] ?? 'wasm-train';
registerBareSubclass();
if (backendName === 'wasm-train') {
  const settings = JSON.parse(process.env['OP_SUITE_SETTINGS'] ?? '{}') as {
    readonly threads: number;
    readonly simd: 'plain' | 'relaxed';
  };
  await wasmTrain(settings).activate();
  // All work is cut as small as can be: the suite's tensors are small.
  const backend = tf.backend();
  if (!(backend instanceof WasmTrainBackend)) throw new TypeError('wasm-train is not active');
  const { workers, flavour } = backend;
  const { threads, simd } = settings;
  if ((workers?.alive ?? 1) !== threads) throw new Error(`There are not ${threads} threads`);
  if (flavour !== simd) throw new Error(`The kernels are ${flavour}, not ${simd}`);
  if (workers !== undefined) workers.leastOperations = 1;
}

const jasmine = jasmineRequire.core(jasmineRequire);
const environment = jasmine.getEnv({ suppressLoadErrors: true }) as JasmineEnvironment;
Object.assign(globalThis, jasmineRequire.interface(jasmine, environment));
setTestEnvs([{ name: backendName, backendName, isDataSync: true }]);

/** Runs every spec declared by then; answers how many went which way, and which failed. */
export async function runSpecs(): Promise<void> {
  const counts = { passed: 0, failed: 0, pending: 0, excluded: 0 };
  const failures: { name: string; messages: string[] }[] = [];
  environment.configure({ random: false });
  environment.addReporter({
    specDone({ fullName, status, failedExpectations }) {
      if (status in counts) counts[status as keyof typeof counts] += 1;
      if (status !== 'failed') return;
      failures.push({ name: fullName, messages: failedExpectations.map((one) => one.message) });
    },
  });
  await environment.execute();
  process.stdout.write(`OP_SUITE_RESULT ${JSON.stringify({ backendName, ...counts, failures })}\n`);
}
