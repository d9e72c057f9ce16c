import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../../src/core/random.ts';
import { lastNumber, startRun } from '../../../support/start-run.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

// Each run is a process of its own: bench/reliability.ts does the same fifty times.
describe('a run in a process of its own', () => {
  test('ends as the undisturbed one, however often it is killed', async () => {
    const [folder, other] = [await temporaryFolder(), await temporaryFolder()];
    const random = new Random(5);
    let written = 0;
    for (let kills = 0; kills < 3; kills += 1) {
      const run = startRun([folder, 1e6]);
      await run.said('from ');
      await setTimeout(300 * random.uniform());
      run.kill('SIGKILL');
      const end = await run.ended;
      expect(end).toMatchObject({ signal: 'SIGKILL', errors: '' });
      // Nothing that was written is lost; one that was just being written may be there.
      expect(lastNumber(end, 'from')).toBeGreaterThanOrEqual(written);
      expect(lastNumber(end, 'from')).toBeLessThanOrEqual(written + 1);
      written = Math.max(lastNumber(end, 'wrote'), lastNumber(end, 'from'));
    }
    const [last, undisturbed] = await Promise.all([
      startRun([folder, written + 20]).ended,
      startRun([other, written + 20]).ended,
    ]);
    expect(last.lines.at(-1)).toMatch(/^ended \d+ [0-9a-f]{64}$/);
    expect(last.lines.at(-1)).toBe(undisturbed.lines.at(-1));
  });

  test('has its folder to itself, until it is killed', async () => {
    const folder = await temporaryFolder();
    const first = startRun([folder, 1e6, 'wasm-train', 0.2]);
    await first.said('wrote 1');
    const second = await startRun([folder, 5]).ended;
    expect(second.code).toBe(1);
    expect(second.errors.trim()).toBe(
      `Cannot checkpoint: '${join(folder, 'checkpoints')}' must be free, got one that process ${first.pid} writes to. ` +
        'Wait for it to end, or choose another folder',
    );
    first.kill('SIGKILL');
    const reached = lastNumber(await first.ended, 'wrote');
    const third = await startRun([folder, reached + 2]).ended;
    expect(third).toMatchObject({ code: 0, errors: '' });
    expect(await readdir(join(folder, 'checkpoints'))).not.toContain('lock');
  });

  test('stops with a clear error if its files may not grow, and continues with room', async () => {
    const folder = await temporaryFolder();
    expect((await startRun([folder, 2]).ended).code).toBe(0);
    const cramped = await startRun([folder, 9], 'ulimit -f 32').ended;
    expect(cramped).toMatchObject({ code: 1, signal: null });
    expect(cramped.errors.trim()).toBe(
      `Cannot write a checkpoint: '${join(folder, 'checkpoints', '0003-step-3')}' must be writable, got a limit on the ` +
        'length of files. 0002-step-2 is intact, and the state of training at step 3 is intact: free disk space and continue',
    );
    const roomy = await startRun([folder, 4]).ended;
    expect(roomy).toMatchObject({ code: 0, errors: '' });
    expect(roomy.lines[0]).toBe('from 2');
  });
});
