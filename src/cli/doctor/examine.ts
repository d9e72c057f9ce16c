import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../backends/select-backend.ts';
import { wasmTrain } from '../../backends/wasm-train/wasm-train.ts';
import { libraryVersion } from '../../core/version.ts';
import type { Output } from '../output.ts';
import { findCopies } from './find-copies.ts';

/** A line of the examination: what was found, and what to do if it is not well. */
interface Finding {
  readonly name: string;
  readonly found: string;
  readonly cure?: string | undefined;
}

/** Below this a run of some hours fills the disk. */
const littleDisk = 2 ** 30;

/** `npx tfjs-gan doctor`: prints what a run would meet here. */
export async function examine(output: Output): Promise<number | undefined> {
  const findings = [...versions(), ...(await backends()), ...(await copies()), await disk()];
  for (const { name, found, cure } of findings) {
    output.result(
      { event: 'finding', name, found, cure },
      `${cure === undefined ? 'ok   ' : 'look '} ${name}: ${found}${cure === undefined ? '' : `. ${cure}`}`,
    );
  }
  const problems = findings.filter(({ cure }) => cure !== undefined).length;
  output.event({ event: 'done', problems });
  return undefined;
}

function versions(): Finding[] {
  const memory = `${(totalmem() / 2 ** 30).toFixed(1)} GiB`;
  return [
    { name: 'tfjs-gan', found: libraryVersion },
    { name: 'TensorFlow.js', found: tf.version.tfjs },
    { name: 'Node.js', found: process.versions.node },
    { name: 'machine', found: `${availableParallelism()} cores, ${memory} of memory` },
  ];
}

/** What `--backend auto` takes, and why not another. */
async function backends(): Promise<Finding[]> {
  const { name, detail, refused } = await useBackend('auto');
  const cure =
    name === 'cpu' ? 'Plain JavaScript is many times slower than wasm-train: see below' : undefined;
  const taken = { name: 'backend', found: `${name} ${detail}`.trim(), cure };
  const others = refused.map((other) => ({ name: `not ${other.name}`, found: other.reason }));
  if (name !== 'wasm-train') return [taken, ...others];
  const { threads, simd, why } = wasmTrain().report();
  const found = `${threads}, ${simd} SIMD${why === undefined ? '' : `: ${why}`}`;
  return [taken, { name: 'threads', found }, ...others];
}

/** Two copies of TensorFlow.js do not know each other's models and backends. */
async function copies(): Promise<Finding[]> {
  const found = await findCopies();
  if (found.length === 0) {
    return [
      {
        name: 'copies of TensorFlow.js',
        found: 'one, beside tfjs-gan; none in this project',
      },
    ];
  }
  const isOne = new Set(found).size === 1;
  return [
    {
      name: 'copies of TensorFlow.js',
      found: isOne ? 'one' : found.join(' and '),
      cure: isOne
        ? undefined
        : 'A model of one copy is refused by the other: run npm dedupe, or install one version for all packages',
    },
  ];
}

async function disk(): Promise<Finding> {
  const { bavail, bsize } = await statfs('.');
  const free = bavail * bsize;
  const cure =
    free < littleDisk
      ? 'A run writes checkpoints, pictures and a report: free some space'
      : undefined;
  return { name: 'disk', found: `${(free / 2 ** 30).toFixed(1)} GiB free here`, cure };
}
