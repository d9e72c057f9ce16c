import { describe, expect, test } from 'vitest';
import { CheckpointError } from '../../src/core/errors.ts';
import type { CheckpointStore } from '../../src/training/state/checkpoint-store.ts';

const files = { a: new Uint8Array([1, 2, 3]), 'b.json': new Uint8Array(0) };

/**
 * What every store must keep, wherever it keeps it: a new store is proven with one line.
 *
 * @param name - What it is called.
 * @param make - Makes an empty store.
 */
export function checkpointStoreContract(name: string, make: () => Promise<CheckpointStore>): void {
  describe(`keeps the contract of a checkpoint store: ${name}`, () => {
    test('has a name, and nothing in it at first', async () => {
      const store = await make();
      expect(store.name).not.toBe('');
      expect(await store.list()).toEqual([]);
      expect(await store.read('0001-step-1')).toBeUndefined();
      await store.remove('0001-step-1');
    });

    test('gives back what was written, under its name', async () => {
      const store = await make();
      await store.write('0001-step-10', files);
      await store.write('0002-step-5', { a: new Uint8Array([9]) });
      expect([...(await store.list())].sort()).toEqual(['0001-step-10', '0002-step-5']);
      const read = await store.read('0001-step-10');
      expect(Object.keys(read ?? {}).sort()).toEqual(['a', 'b.json']);
      expect([...(read?.['a'] ?? [])]).toEqual([1, 2, 3]);
      expect(read?.['b.json']).toHaveLength(0);
    });

    test('keeps its own copy', async () => {
      const store = await make();
      // Node's own kind of bytes, whose slice copies nothing, if there is one.
      const bytes = 'Buffer' in globalThis ? Buffer.from([1]) : new Uint8Array([1]);
      await store.write('0001-step-1', { a: bytes });
      bytes[0] = 7;
      (await store.read('0001-step-1'))!['a']![0] = 8;
      expect([...(await store.read('0001-step-1'))!['a']!]).toEqual([1]);
    });

    test('does not write over what is there', async () => {
      const store = await make();
      await store.write('0001-step-1', files);
      await expect(store.write('0001-step-1', { a: new Uint8Array(1) })).rejects.toThrow(
        /^Cannot write a checkpoint: /,
      );
      expect([...(await store.read('0001-step-1'))!['a']!]).toEqual([1, 2, 3]);
      expect(await store.list()).toEqual(['0001-step-1']);
    });

    test('forgets what is removed, and nothing else', async () => {
      const store = await make();
      for (const checkpoint of ['0001-step-1', '0002-step-2']) await store.write(checkpoint, files);
      await store.remove('0001-step-1');
      expect(await store.list()).toEqual(['0002-step-2']);
      expect(await store.read('0001-step-1')).toBeUndefined();
    });

    test('is one owner’s at a time', async () => {
      const store = await make();
      const release = await store.claim();
      const second = store.claim();
      await expect(second).rejects.toBeInstanceOf(CheckpointError);
      await expect(second).rejects.toThrow(
        /^Cannot checkpoint: .* must be free, got one that another run of this (process|page) writes to/,
      );
      await store.write('0001-step-1', files);
      await release();
      await (
        await store.claim()
      )();
      expect(await store.list()).toEqual(['0001-step-1']);
    });
  });
}
