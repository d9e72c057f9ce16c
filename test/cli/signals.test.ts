import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { encodePng } from 'tfjs-gan/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { repositoryPath } from '../support/public-api.ts';
import { sharedFolder } from '../support/temporary-folder.ts';

const at = sharedFolder();

/** Runs the program, and sends a signal, or reads no more, once `steps` steps are printed. */
async function runProcess(
  typed: readonly string[],
  stop?: { readonly signal: NodeJS.Signals | 'EPIPE'; readonly steps: number },
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const words = ['--import', 'tsx', repositoryPath('src/cli/main.ts'), ...typed];
  const child = spawn(process.execPath, words, { cwd: repositoryPath('.') });
  let [stdout, stderr] = ['', ''];
  let isSent = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const steps = stdout.split('"event":"step"').length - 1;
    if (stop === undefined || isSent || steps < stop.steps) return;
    isSent = true;
    if (stop.signal === 'EPIPE') child.stdout.destroy();
    else child.kill(stop.signal);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}

beforeAll(async () => {
  await mkdir(at('pictures'));
  for (let i = 0; i < 8; i += 1) {
    const data = Uint8Array.from({ length: 16 * 16 }, (_, k) => (k * (i + 3)) % 256);
    await writeFile(
      at(`pictures/${i}.png`),
      encodePng({ width: 16, height: 16, channels: 1, data }),
    );
  }
});

const train = (run: string, steps: string): string[] => [
  ...['train', at('pictures'), '--out', at(run), '--steps', steps, '--batch-size', '4'],
  ...['--base-filters', '4', '--backend', 'wasm-train', '--threads', '1', '--json'],
];

describe('a signal during training', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s writes a checkpoint and ends with %i; resume continues', async (signal, code) => {
    const ended = await runProcess(train(signal, '100000'), { signal, steps: 1 });
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain('Finishing this step');
    const done = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1)) as {
      state: string;
      step: number;
    };
    expect(done.state).toBe('interrupted');
    expect(done.step).toBeLessThan(100_000);
    expect(await readdir(at(`${signal}/checkpoints`))).not.toEqual([]);
    expect(existsSync(at(`${signal}/generator/model.json`))).toBe(true);

    const resumed = await runProcess(['resume', at(signal), '--steps', '1', '--json']);
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toContain(`"state":"done","step":${done.step + 1}`);
  });

  test('is no reader that ends, such as head: the run continues to its end', async () => {
    const { code, stderr } = await runProcess(train('head', '40'), { signal: 'EPIPE', steps: 1 });
    expect(stderr).toMatch(/^backend /);
    expect(code).toBe(0);
    expect(await readdir(at('head/checkpoints'))).toEqual(['0001-step-40']);
    expect(existsSync(at('head/samples.png'))).toBe(true);
  });

  test('does not change the result: a run that was interrupted and resumed equals one that was not', async () => {
    const { code } = await runProcess(train('parts', '60'), { signal: 'SIGINT', steps: 1 });
    expect(code).toBe(130);
    expect((await runProcess(['resume', at('parts')])).code).toBe(0);
    expect((await runProcess(train('whole', '60'))).code).toBe(0);
    const weights = await Promise.all(
      ['parts', 'whole'].map((run) => readFile(at(`${run}/generator/weights.bin`))),
    );
    expect(weights[0]!.equals(weights[1]!)).toBe(true);
  });
});
