import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { encodeNpy } from '../../src/io/npy.ts';
import { repositoryPath } from '../support/public-api.ts';
import { runCli } from './capture.ts';
import { sharedFolder } from '../support/temporary-folder.ts';

const at = sharedFolder();

beforeAll(async () => {
  const points = Float32Array.from({ length: 2 * 64 }, (_, i) => Math.sin(i) / 2);
  await writeFile(at('points.npy'), encodeNpy([64, 2], points));
  const base = { data: 'points.npy', steps: 80, batchSize: 8 };
  for (const name of ['killed', 'whole']) {
    await writeFile(at(`${name}.json`), JSON.stringify({ base, seeds: [1, 2, 3] }));
  }
});

/** Runs a sweep: in a process that a signal ends once so many runs have ended and another one trains, or here. */
async function run(
  name: string,
  stop?: { readonly signal: NodeJS.Signals; readonly runs: number },
): Promise<{ readonly code: number | null; readonly trained: number }> {
  const typed = [
    'sweep',
    at(`${name}.json`),
    '--json',
    '--backend',
    'wasm-train',
    '--threads',
    '1',
  ];
  if (stop === undefined) {
    const { code = 0, stdout } = await runCli(...typed, '--quiet');
    return { code, trained: endedIn(stdout) };
  }
  const words = ['--import', 'tsx', repositoryPath('src/cli/main.ts'), ...typed];
  const child: ChildProcess = spawn(process.execPath, words);
  let [stdout, isSent] = ['', false];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (isSent || endedIn(stdout) < stop.runs) return;
    // Of the run after those.
    if (!stdout.slice(stdout.lastIndexOf('"event":"outcome"')).includes('"event":"step"')) return;
    isSent = true;
    child.kill(stop.signal);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, trained: endedIn(stdout) };
}

function endedIn(stdout: string): number {
  return stdout.split('"event":"outcome"').length - 1;
}

test('a sweep that was killed and ended by a signal trains what is left, and equals one that was not', async () => {
  expect(await run('killed', { signal: 'SIGKILL', runs: 1 })).toEqual({ code: null, trained: 1 });
  expect(await run('killed', { signal: 'SIGTERM', runs: 1 })).toEqual({ code: 143, trained: 1 });
  expect(await run('killed')).toEqual({ code: 0, trained: 1 });
  expect(await run('whole')).toEqual({ code: 0, trained: 3 });
  const rows = async (name: string): Promise<string> =>
    readFile(at(`runs/${name}/sweep.csv`), 'utf8');
  const whole = await rows('whole');
  expect(whole.match(/,done,80,/g)).toHaveLength(3);
  expect(await rows('killed')).toBe(whole);
  for (const line of whole.trimEnd().split('\r\n').slice(1)) {
    const [id = ''] = line.split(',');
    const [killed, undisturbed] = await Promise.all(
      ['killed', 'whole'].map((name) => readFile(at(`runs/${name}/${id}/generator/weights.bin`))),
    );
    expect(killed!.equals(undisturbed!)).toBe(true);
  }
});
