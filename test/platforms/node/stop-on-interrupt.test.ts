import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { repositoryPath } from '../../support/public-api.ts';

/** A program that trains until it is stopped, with a checkpoint, and does something afterwards. */
const program = `
  import { checkpoint, createMlpGan, memoryStore, ring8 } from 'tfjs-gan';
  import { stopOnInterrupt } from 'tfjs-gan/node';
  const store = memoryStore();
  const { trainer } = createMlpGan({ sampleShape: [2], hiddenUnits: [4] });
  await trainer.fit(ring8({ size: 64 }), {
    steps: 1_000_000,
    batchSize: 8,
    signal: stopOnInterrupt(),
    callbacks: [checkpoint(store), { onStepEnd: ({ number }) => number === 3 && console.log('training') }],
  });
  const again = createMlpGan({ sampleShape: [2], hiddenUnits: [4] }).trainer;
  await again.restore(store);
  console.log(\`written \${again.step === trainer.step}\`);
  if (process.argv.includes('endless')) setInterval(() => {}, 1000);
`;

describe('stopOnInterrupt', () => {
  test('lets SIGTERM finish the step, write, and run what follows', async () => {
    const run = start();
    await run.printed('training');
    run.kill('SIGTERM');
    const { code, output } = await run.ended;
    expect(output).toContain('Finishing this step');
    expect(output).toContain('written true');
    expect(code).toBe(143);
  });

  test('takes a press of Ctrl-C that is passed on twice for one, and ends at once by another', async () => {
    const run = start('endless');
    await run.printed('training');
    run.kill('SIGINT');
    run.kill('SIGINT');
    await run.printed('written true');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    run.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 130 });
  });
});

interface Started {
  printed(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

function start(...args: readonly string[]): Started {
  const flags = ['--import', 'tsx', '--input-type', 'module', '--eval', program, '--', ...args];
  const child = spawn(process.execPath, flags, { cwd: repositoryPath('.') });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listen of listeners) listen();
    });
  }
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
  return {
    ended,
    kill: (signal) => child.kill(signal),
    printed: (text) =>
      new Promise((resolve, reject) => {
        const listen = (): void => {
          if (output.includes(text)) resolve();
        };
        listeners.add(listen);
        listen();
        void ended.then(() => {
          reject(new Error(`It ended without '${text}': ${output}`));
        });
      }),
  };
}
