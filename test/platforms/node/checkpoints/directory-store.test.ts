import { chmod, cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpoint, CheckpointError } from 'tfjs-gan';
import { directoryStore } from 'tfjs-gan/node';
import { checkpointStoreContract } from '../../../contracts/checkpoint-store-contract.ts';
import { blobs, tinyDcgan } from '../../../support/tiny-gan.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import '../../../support/on-cpu.ts';

checkpointStoreContract('directoryStore', async () => directoryStore(await temporaryFolder()));

const some = { 'state.json': new Uint8Array([1]), SHA256SUMS: new Uint8Array([2]) };

describe('directoryStore', () => {
  test('keeps a run beside its other files, and nothing half done', async () => {
    const folder = join(await temporaryFolder(), 'runs', 'a');
    const gan = tinyDcgan();
    const run = directoryStore(folder);
    expect(await gan.trainer.restore(run)).toBe(false);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
    const callbacks = [checkpoint(run, { every: { steps: 1 }, keep: 2 })];
    await gan.trainer.fit(blobs(), { steps: 3, batchSize: 4, callbacks });
    gan.dispose();
    expect(await readdir(folder)).toEqual(['checkpoints']);
    const checkpoints = join(folder, 'checkpoints');
    expect((await readdir(checkpoints)).sort()).toEqual(['0002-step-2', '0003-step-3']);
    expect((await readdir(join(checkpoints, '0003-step-3'))).sort()).toEqual([
      'SHA256SUMS',
      'networks.json',
      'state.json',
      'weights.safetensors',
    ]);
    // Another object, and a copy somewhere else, are the same run.
    await cp(folder, `${folder}-copy`, { recursive: true });
    using again = tinyDcgan();
    expect(await again.trainer.restore(directoryStore(`${folder}-copy/`))).toBe(true);
    expect(again.trainer.step).toBe(3);
  });

  test('sweeps away what a killed run left, when the next one begins', async () => {
    const folder = await temporaryFolder();
    const checkpoints = join(folder, 'checkpoints');
    for (const left of ['.0004-step-9.tmp', '.0001-step-2.removed', '.DS_Store']) {
      await mkdir(join(checkpoints, left), { recursive: true });
    }
    const store = directoryStore(folder);
    expect(await store.list()).toEqual([]);
    await (
      await store.claim()
    )();
    expect(await readdir(checkpoints)).toEqual(['.DS_Store']);
  });

  test('takes over the lock of a process that is gone', async () => {
    const folder = await temporaryFolder();
    const lock = join(folder, 'checkpoints', 'lock');
    const store = directoryStore(folder);
    const own = await (async () => {
      const release = await store.claim();
      const text = await readFile(join(lock, 'owner.json'), 'utf8');
      await release();
      return JSON.parse(text) as Record<string, unknown>;
    })();
    const heldBy = async (owner: string): Promise<void> => {
      await mkdir(lock, { recursive: true });
      await writeFile(join(lock, 'owner.json'), owner);
    };
    // No such process; a number that came again; a lock that a power cut emptied.
    const gone = [
      JSON.stringify({ ...own, pid: 2 ** 22 + 1 }),
      JSON.stringify({ ...own, started: '1' }),
      '',
    ];
    for (const owner of gone) {
      await heldBy(owner);
      const release = await store.claim();
      expect(JSON.parse(await readFile(join(lock, 'owner.json'), 'utf8'))).toMatchObject({
        pid: process.pid,
      });
      await release();
      await expect(stat(lock)).rejects.toThrow('ENOENT');
    }
    await heldBy(JSON.stringify({ ...own, host: 'elsewhere' }));
    await expect(store.claim()).rejects.toThrow(
      `Cannot checkpoint: '${join(folder, 'checkpoints')}' must be free, got one that process ${process.pid} on the ` +
        `machine 'elsewhere' writes to. If that run has ended, remove '${lock}'`,
    );
    expect(await readdir(join(folder, 'checkpoints'))).toEqual(['lock']);
  });

  test('has one winner if many claim at once over a stale lock', async () => {
    const folder = await temporaryFolder();
    const lock = join(folder, 'checkpoints', 'lock');
    for (let round = 0; round < 20; round += 1) {
      await mkdir(lock, { recursive: true });
      await writeFile(join(lock, 'owner.json'), '');
      const claims = Array.from({ length: 8 }, () => directoryStore(folder).claim());
      const won = (await Promise.allSettled(claims)).filter(({ status }) => status === 'fulfilled');
      expect(won).toHaveLength(1);
      await (won[0] as PromiseFulfilledResult<() => Promise<void>>).value();
    }
    expect(await readdir(join(folder, 'checkpoints'))).toEqual([]);
  });

  test('refuses a folder that may not be written, with all in it readable still', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const store = directoryStore(folder);
    await store.write('0001-step-1', some);
    const checkpoints = join(folder, 'checkpoints');
    await chmod(checkpoints, 0o555);
    // Root may write anywhere.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      await expect(store.claim()).rejects.toThrow(
        `Cannot checkpoint: '${checkpoints}' must be a writable folder, got no permission`,
      );
      await expect(store.write('0002-step-2', some)).rejects.toThrow(
        `Cannot write a checkpoint: '${join(checkpoints, '0002-step-2')}' must be writable, got no permission`,
      );
      expect(await store.list()).toEqual(['0001-step-1']);
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(checkpoints, 0o755);
    }
  });

  test('refuses a file, a folder of something else, and one inside of a run', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    await expect(directoryStore(join(folder, 'file')).list()).rejects.toThrow(
      `Cannot look for checkpoints: '${join(folder, 'file', 'checkpoints')}' must be a readable folder, ` +
        'got a file where a folder is needed',
    );
    await mkdir(join(folder, 'other', 'checkpoints'), { recursive: true });
    await writeFile(join(folder, 'other', 'checkpoints', 'epoch=1.ckpt'), '');
    const other = directoryStore(join(folder, 'other'));
    const gan = tinyDcgan();
    const ways = [() => other.list(), () => other.claim(), () => gan.trainer.restore(other)];
    for (const ask of ways) {
      await expect(ask()).rejects.toBeInstanceOf(CheckpointError);
      await expect(ask()).rejects.toThrow(
        `Cannot look for checkpoints: '${join(folder, 'other', 'checkpoints')}' must hold those of tfjs-gan, got ` +
          "other files ('epoch=1.ckpt'). Choose another folder",
      );
    }
    await directoryStore(join(folder, 'a')).write('0001-step-1', some);
    for (const inside of ['a/checkpoints', 'a/checkpoints/0001-step-1']) {
      await expect(directoryStore(join(folder, inside)).list()).rejects.toThrow(
        `path must be the folder of a run, got '${join(folder, inside)}', which is inside of one. ` +
          `Pass '${join(folder, 'a')}'`,
      );
    }
  });

  test('refuses a path or a name that is none', async () => {
    expect(() => directoryStore('')).toThrow('path must name a folder, got');
    expect(() => directoryStore(undefined as never)).toThrow('got undefined');
    const store = directoryStore(await temporaryFolder());
    expect(() => store.read('../../etc')).toThrow(
      "Cannot find a checkpoint: its name must be like 0007-step-350, got '../../etc'",
    );
  });
});
