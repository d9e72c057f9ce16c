/**
 * The article's step on TensorFlow.js's own backends: seconds on `cpu`, one step of a small batch, and what `wasm` says.
 *
 *     npm run bench -- step-tfjs            a batch of one image, some minutes
 *     npm run bench -- step-tfjs --batch 8  a larger one
 *
 * For `wasm`: `npm install --no-save @tensorflow/tfjs-backend-wasm@4.22.0`.
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { articleTrainer } from './article-trainer.ts';

const { values } = parseArgs({ options: { batch: { type: 'string', default: '1' } } });
const batch = Number(values.batch);

await tf.setBackend('cpu');
console.log(`cpu: ${(await secondsOfStep()).toFixed(1)} s a step of batch ${batch}`);

const wasm = '@tensorflow/tfjs-backend-wasm';
try {
  await import(wasm);
  await tf.setBackend('wasm');
  console.log(`wasm: ${(await secondsOfStep()).toFixed(1)} s a step of batch ${batch}`);
} catch (error) {
  console.log(`wasm: ${(error as Error).message.split('\n')[0]}`);
}

async function secondsOfStep(): Promise<number> {
  const { trainer, dataset } = articleTrainer({ batch });
  const { steps } = await trainer.fit(dataset, { batchSize: batch, steps: 1 });
  return steps[0]!.seconds;
}
