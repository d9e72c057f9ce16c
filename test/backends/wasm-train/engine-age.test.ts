import { expect, onTestFinished, test } from 'vitest';
import { useBackend } from '../../../src/index.ts';
import '../../../src/backends/wasm-train/index.ts';
import { blobs, tinyDcgan } from '../../support/tiny-gan.ts';

/** Features missing in the oldest engines named in the docs of `wasmTrain`. */
const later = [
  ...['findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with'],
  ...['fromAsync', 'groupBy', 'withResolvers', 'structuredClone'],
];

function takeAway(owner: object): void {
  for (const name of later) {
    const was = Object.getOwnPropertyDescriptor(owner, name);
    if (was === undefined) continue;
    Reflect.deleteProperty(owner, name);
    onTestFinished(() => void Object.defineProperty(owner, name, was));
  }
}

test('trains in the oldest engine that it supports', async () => {
  const TypedArray = Object.getPrototypeOf(Uint8Array) as { prototype: object };
  const owners = [Array.prototype, TypedArray.prototype, Array, Object, Map, Promise, globalThis];
  for (const owner of owners) takeAway(owner);
  expect('toReversed' in Array.prototype).toBe(false);
  await useBackend('wasm-train');
  const gan = tinyDcgan();
  const history = await gan.trainer.fit(blobs(), { batchSize: 8, steps: 2 });
  gan.dispose();
  expect(history.steps).toHaveLength(2);
});
