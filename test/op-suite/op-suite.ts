import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What became of the specs on one backend. */
export interface OpSuiteResult {
  readonly backendName: string;
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
  readonly failures: readonly { readonly name: string; readonly messages: readonly string[] }[];
  readonly seconds: number;
}

/** Ours, and the settings it gets. */
const ours = {
  'wasm-train, 1 thread': { threads: 1, simd: 'plain' },
  'wasm-train, 2 threads': { threads: 2, simd: 'plain' },
  'wasm-train relaxed, 1 thread': { threads: 1, simd: 'relaxed' },
  'wasm-train relaxed, 2 threads': { threads: 2, simd: 'relaxed' },
} as const;

/** The backends the suite can judge: stock cpu, a subclass of it with nothing but a new name, and ours. */
export type OpSuiteBackend = 'cpu' | 'bare' | keyof typeof ours;

const specs = fileURLToPath(new URL('specs.ts', import.meta.url));
const union = fileURLToPath(new URL('tensorflow.ts', import.meta.url));

/**
 * Bundles the op suite that tfjs-core ships and runs it on each backend, in a process of its own.
 *
 * @param backends - Which to run on.
 * @returns One result for each.
 */
export async function runOpSuite(backends: readonly OpSuiteBackend[]): Promise<OpSuiteResult[]> {
  const output = await mkdtemp(join(tmpdir(), 'op-suite-'));
  try {
    const bundle = join(output, 'suite.mjs');
    await build({
      entryPoints: [specs],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      // tfjs-core calls itself free of side effects: believed, its specs would be dropped.
      ignoreAnnotations: true,
      // There must be one copy of tfjs-core, and the union package brings its own.
      alias: { '@tensorflow/tfjs': union },
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    const results: OpSuiteResult[] = [];
    for (const backend of backends) results.push(await runBundle(bundle, backend));
    return results;
  } finally {
    await rm(output, { recursive: true });
  }
}

async function runBundle(bundle: string, backend: OpSuiteBackend): Promise<OpSuiteResult> {
  const start = performance.now();
  const environment =
    backend in ours
      ? {
          OP_SUITE_BACKEND: 'wasm-train',
          OP_SUITE_SETTINGS: JSON.stringify(ours[backend as keyof typeof ours]),
        }
      : { OP_SUITE_BACKEND: backend };
  const child = spawn(process.execPath, [bundle], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const line = /^OP_SUITE_RESULT (.*)$/m.exec(output);
  if (line?.[1] === undefined) {
    throw new Error(`The op suite ended with code ${code ?? 'none'} on ${backend}:\n${errors}`);
  }
  const result = JSON.parse(line[1]) as Omit<OpSuiteResult, 'seconds'>;
  return { ...result, backendName: backend, seconds: (performance.now() - start) / 1000 };
}
