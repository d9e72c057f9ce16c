import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type Callback,
  checkpoint,
  Generator,
  type Gan,
  memoryStore,
  overfittingAlarm,
  saveGenerator,
  type StepInfo,
  type TrainRun,
} from 'tfjs-gan';
import {
  historyFile,
  progress,
  runReport,
  sampleGrid,
  tensorBoard,
  trainingCurves,
} from 'tfjs-gan/node';
import { blobs, tinyDcgan } from '../../../support/tiny-gan.ts';
import { sharedFolder } from '../../../support/temporary-folder.ts';

const at = sharedFolder();
let gan: Gan;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const train = async (options: Parameters<Gan['trainer']['fit']>[1]): Promise<void> => {
  gan = tinyDcgan();
  try {
    await gan.trainer.fit(blobs(), { batchSize: 8, ...options });
  } finally {
    gan.dispose();
  }
};

/** A stream that remembers what was written. */
class Written {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;
  constructor(isTTY: boolean, columns = 200) {
    this.isTTY = isTTY;
    this.columns = columns;
  }
  write(text: string): void {
    this.text += text;
  }
}

describe('progress', () => {
  test('rewrites one line on a terminal and ends it', async () => {
    const stream = new Written(true);
    await train({ epochs: 1, callbacks: [progress({ stream })] });
    expect(stream.text.split('\r')).toHaveLength(6);
    expect(stream.text.endsWith('\n')).toBe(true);
    expect(stream.text.match(/\n/g)).toHaveLength(1);
    expect(stream.text).toMatch(
      /epoch 1 step 5\/5 {2}loss D \d\.\d{3} G \d\.\d{3} {2}accuracy real \d+% fake \d+% {2}\d+ images\/s {2}ETA 0 s/,
    );
  });

  test('never lets a line wrap', async () => {
    const stream = new Written(true, 30);
    await train({ steps: 2, callbacks: [progress({ stream })] });
    for (const line of stream.text.trimEnd().split('\r')) {
      expect(line.replace('\u001b[K', '').length).toBeLessThan(30);
    }
  });

  test('writes plain lines elsewhere, and the last step always', async () => {
    const stream = new Written(false);
    await train({ steps: 5, callbacks: [progress({ stream, every: { steps: 2 } })] });
    expect(stream.text).not.toContain('\r');
    expect(
      stream.text
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(0, 16)),
    ).toEqual(['epoch 1 step 2/5', 'epoch 1 step 4/5', 'epoch 1 step 5/5']);
  });

  test('writes a line for every so many epochs', async () => {
    const stream = new Written(false);
    await train({ epochs: 3, callbacks: [progress({ stream, every: { epochs: 2 } })] });
    const lines = stream.text.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, 16))).toEqual([
      'epoch 2 step 5/5',
      'epoch 3 step 5/5',
    ]);
  });

  test('prints what other callbacks measure, on lines that stay', async () => {
    const measures = {
      onStepEnd: async ({ number }: StepInfo, run: TrainRun) => {
        if (number === 2) await run.log({ frechet: 12.34567, 'prdc.recall': 0.5 });
      },
    };
    const [terminal, file] = [new Written(true), new Written(false)];
    for (const stream of [terminal, file]) {
      await train({ steps: 3, callbacks: [progress({ stream, every: { steps: 1 } }), measures] });
    }
    expect(file.text.split('\n')[2]).toMatch(/^step \d+ {2}frechet 12.35 {2}prdc.recall 0.5$/);
    const shown = terminal.text.replaceAll('\u001b[K', '');
    expect(shown).toMatch(/\rstep \d+ {2}frechet 12.35 {2}prdc.recall 0.5\n\r/);
  });

  test('of a run of minutes tells how many steps are planned, once they are', async () => {
    const stream = new Written(false);
    const now = vi.spyOn(performance, 'now').mockImplementation(() => 0);
    onTestFinished(() => now.mockRestore());
    // Each step takes a second, by a clock that only this moves.
    const tick: Callback = {
      onStepEnd: ({ number }) => void now.mockImplementation(() => 1000 * number),
    };
    const callbacks = [progress({ stream, every: { steps: 1 } }), tick];
    await train({ minutes: 0.5, callbacks });
    const lines = stream.text.split('\n');
    const last = lines.findLast((line) => line.includes('loss'))!;
    const steps = Number(/^step (\d+) of \d+ /.exec(last)?.[1]);
    expect(steps).toBeGreaterThan(25);
    expect(last).toContain(`step ${steps} of ${steps}  epoch `);
    expect(lines[0]).toMatch(/^step 1, not planned yet {2}epoch 1 step 1\/5 {2}loss/);
    expect(stream.text).toMatch(/\nstep \d+ {2}plannedSteps \d+\nstep \d+ of about \d+ {2}epoch/);
  });

  test.each([
    [10, /ETA \d+ s/],
    [2e5, /ETA \d+ (min|h \d+ min)/],
  ])('tells the time that is left in words: %i steps', async (steps, eta) => {
    const stream = new Written(false);
    const stop = {
      onStepEnd: (_: StepInfo, run: TrainRun) => {
        run.stop();
      },
    };
    await train({ steps, callbacks: [progress({ stream, every: { steps: 1 } }), stop] });
    expect(stream.text).toMatch(eta);
  });

  test('says nothing of the end if there is none', async () => {
    const stream = new Written(false);
    const controller = new AbortController();
    const stop = {
      onStepEnd: () => {
        controller.abort();
      },
    };
    const callbacks = [progress({ stream, every: { steps: 1 } }), stop];
    await train({ signal: controller.signal, callbacks });
    expect(stream.text).not.toContain('ETA');
  });
});

describe('sampleGrid', () => {
  test('draws the same latents through time, the untrained generator first', async () => {
    const target = at('grids/deep');
    const grid = sampleGrid(target, {
      every: { steps: 2 },
      count: 6,
      columns: 3,
      padding: 1,
      scale: 2,
    });
    await train({ steps: 4, callbacks: [grid] });
    expect((await readdir(target)).sort()).toEqual([
      'real.png',
      'step-000000.png',
      'step-000002.png',
      'step-000004.png',
    ]);
    const picture = decode(await readFile(join(target, 'step-000004.png')));
    expect([picture.width, picture.height, picture.channels]).toEqual([52, 35, 1]);
  });

  test('draws after epochs, of sigmoid images as well', async () => {
    const target = at('epochs');
    gan = tinyDcgan({ outputActivation: 'sigmoid' });
    const data = { ...blobs(), batches: () => half().batches({ batchSize: 8 }) };
    await gan.trainer.fit(data, {
      epochs: 2,
      batchSize: 8,
      callbacks: [sampleGrid(target, { count: 1, padding: 0 })],
    });
    gan.dispose();
    expect(await readdir(target)).toHaveLength(4);
    // An untrained sigmoid gives about 0.5 everywhere, which must come out as middle gray.
    const { data: pixels } = decode(await readFile(join(target, 'step-000000.png')));
    for (const pixel of pixels) expect(Math.abs(pixel - 127.5)).toBeLessThan(20);
  });

  test('names a folder that cannot be written, and the run ends whole', async () => {
    const file = at('a-file');
    await writeFile(file, '');
    const before = tf.memory().numTensors;
    await expect(train({ steps: 1, callbacks: [sampleGrid(join(file, 'x'))] })).rejects.toThrow(
      /Cannot /,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('historyFile', () => {
  test('writes each step as a line and continues in the same file', async () => {
    const path = at('made/history.jsonl');
    await train({ steps: 2, callbacks: [historyFile(path)] });
    await train({ steps: 1, callbacks: [historyFile(path)] });
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const steps = lines.map((line) => JSON.parse(line) as StepInfo);
    expect(steps.map((step) => step.number)).toEqual([1, 2, 1]);
    expect(Number.isFinite(steps[0]?.losses.generator)).toBe(true);
  });

  test('writes the time of each part, and what other callbacks log', async () => {
    const path = at('logged.jsonl');
    const score: Callback = { onStepEnd: ({ number }, run) => run.log({ score: number / 2 }) };
    await train({ steps: 2, callbacks: [score, historyFile(path)] });
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const [first, second] = lines.map((line) => JSON.parse(line) as unknown);
    expect(first).toEqual({ number: 1, logged: { score: 0.5 } });
    const { partSeconds } = second as StepInfo;
    expect(Object.keys(partSeconds)).toEqual(['callbacks', 'data', 'turns', 'read']);
    expect(Object.keys(partSeconds.turns)).toEqual(['discriminator', 'generator']);
  });

  test.each([
    ['steps', { steps: 2 }, [2, 4, 6]],
    ['epochs', { epochs: 1 }, [5]],
  ] as const)('writes every so many %s', async (unit, every, wanted) => {
    const path = at(`every-${unit}.jsonl`);
    await train({ steps: 7, callbacks: [historyFile(path, { every })] });
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as StepInfo).number)).toEqual(wanted);
  });

  test('takes out what a killed run wrote after the checkpoint that it continues from', async () => {
    const path = at('killed.jsonl');
    const store = memoryStore();
    await train({ steps: 2, callbacks: [historyFile(path), checkpoint(store)] });
    const sound = await readFile(path, 'utf8');
    const later = sound.replaceAll(/"number":\d+/g, '"number":3');
    await writeFile(path, `${sound}${later}{"number":4,"epo`);
    gan = tinyDcgan();
    await gan.trainer.restore(store);
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [historyFile(path)] });
    gan.dispose();
    const text = await readFile(path, 'utf8');
    expect(text.startsWith(sound)).toBe(true);
    const numbers = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as StepInfo).number);
    expect(numbers).toEqual([1, 2, 3]);
  });

  /** A file of a killed run, and what is left of it if a run continues from step 2, without the new line. */
  async function left(name: string, content: string): Promise<string> {
    const path = at(name);
    const store = memoryStore();
    await train({ steps: 2, callbacks: [checkpoint(store)] });
    await writeFile(path, content);
    gan = tinyDcgan();
    await gan.trainer.restore(store);
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [historyFile(path)] });
    gan.dispose();
    const text = await readFile(path, 'utf8');
    expect(text.endsWith('}\n')).toBe(true);
    return text.replace(/\{"number":3,"epoch".*\n$/, '');
  }

  test.each([
    ['a line without its line feed', '{"number":1}\n{"number":2}', '{"number":1}\n{"number":2}\n'],
    ['later lines alone', '{"number":3}\n{"number":4}\n', ''],
    ['half a line alone', '{"numb', ''],
    ['nothing', '', ''],
  ])('continues after %s', async (what, content, wanted) => {
    expect(await left(`${what}.jsonl`, content)).toBe(wanted);
  });

  test('continues after more later lines than it reads at a time', async () => {
    const line = (number: number): string =>
      `${JSON.stringify({ number, note: 'ä'.repeat(number % 50) })}\n`;
    const later = Array.from({ length: 5_000 }, (_, i) => line(i + 3)).join('');
    expect(await left('long.jsonl', `${line(1)}${line(2)}${later}`)).toBe(`${line(1)}${line(2)}`);
  });

  test('does not read the whole of a long file to continue', async () => {
    const path = at('sparse.jsonl');
    const store = memoryStore();
    await train({ steps: 2, callbacks: [checkpoint(store)] });
    // Longer than any text can be; a hole takes no room on the disk.
    const hole = 600 * 2 ** 20;
    const file = await open(path, 'w');
    await file.write('\n{"number":2}\n{"number":3}\n', hole);
    await file.close();
    gan = tinyDcgan();
    await gan.trainer.restore(store);
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [historyFile(path)] });
    gan.dispose();
    const again = await open(path);
    const { buffer, bytesRead } = await again.read(Buffer.alloc(4_000), 0, 4_000, hole);
    await again.close();
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    expect(lines.map((text) => /"number":\d+/.exec(text)?.[0])).toEqual([
      undefined,
      '"number":2',
      '"number":3',
      undefined,
    ]);
    expect(lines[2]).toContain('"losses"');
    await rm(path);
  });

  test('names a file that cannot be written', async () => {
    await expect(train({ steps: 1, callbacks: [historyFile(at())] })).rejects.toThrow(
      `Cannot write the history: '${at()}' must be a writable file, got`,
    );
  });
});

describe('trainingCurves', () => {
  test('draws the accuracy on held-out samples if it is measured', async () => {
    const alarm = overfittingAlarm(blobs(), { every: { steps: 1 }, samples: 8 });
    await train({ steps: 3, callbacks: [alarm, trainingCurves(at())] });
    expect(await readFile(at('accuracy.svg'), 'utf8')).toContain('on held-out');
    await train({ steps: 3, callbacks: [trainingCurves(at())] });
    expect(await readFile(at('accuracy.svg'), 'utf8')).not.toContain('on held-out');
  });

  test('draws losses and accuracy', async () => {
    const target = at('curves');
    await train({ steps: 3, callbacks: [trainingCurves(target)] });
    expect(await readFile(join(target, 'losses.svg'), 'utf8')).toContain('generator');
    expect(await readFile(join(target, 'accuracy.svg'), 'utf8')).toContain('on fake');
  });
});

describe('saveGenerator', () => {
  test('saves what loads again, to a place of its own each time', async () => {
    const target = (step: number): string => `file://${at(`generator-${step}`)}`;
    gan = tinyDcgan();
    await gan.trainer.fit(blobs(), { epochs: 2, batchSize: 8, callbacks: [saveGenerator(target)] });
    using loaded = await Generator.load(target(10));
    const [wanted, got] = [gan, { generator: loaded }].map(({ generator }) =>
      tf.tidy(() => [...generator.sample(2, { seed: 1 }).dataSync()]),
    );
    expect(got).toEqual(wanted);
    await expect(Generator.load(target(5))).resolves.toBeInstanceOf(Generator);
    gan.dispose();
  });
});

test.each([
  [{ steps: 0 }, 'every.steps must be a positive integer, got 0'],
  [{ epochs: 1.5 }, 'every.epochs must be a positive integer, got 1.5'],
  [{}, 'every must be { steps: … }, { epochs: … } or { minutes: … }'],
  [{ steps: 1, epochs: 1 }, 'every must be { steps: … }, { epochs: … } or { minutes: … }'],
  [
    100,
    'Cannot save the generator: every must be { steps: … }, { epochs: … } or { minutes: … }, got 100',
  ],
  ['epoch', "every must be { steps: … }, { epochs: … } or { minutes: … }, got 'epoch'"],
])('every %o is refused', (every, message) => {
  expect(() => saveGenerator('file://x', { every: every as never })).toThrow(message);
});

test('every null is refused', () => {
  expect(() => sampleGrid('x', { every: null as never })).toThrow(
    new TypeError(
      'Cannot draw sample grids: every must be { steps: … }, { epochs: … } or { minutes: … }, got null',
    ),
  );
});

/** Images in 0…1. */
function half(): ReturnType<typeof blobs> {
  return {
    ...blobs(),
    async *batches() {
      for (let i = 0; i < 5; i += 1) {
        yield await Promise.resolve({ samples: tf.fill([8, 8, 8, 1], 0.5) });
      }
    },
  };
}

describe('a name that is misspelt', () => {
  const makers: Readonly<Record<string, (options: never) => unknown>> = {
    'print progress': (options) => progress(options),
    'write the history': (options) => historyFile('nowhere/history.jsonl', options),
    'draw sample grids': (options) => sampleGrid('nowhere', options),
    'draw training curves': (options) => trainingCurves('nowhere', options),
    'write for TensorBoard': (options) => tensorBoard('nowhere', options),
    'write the report': (options) => runReport('nowhere', options),
  };

  test.each(Object.keys(makers))('is refused by: %s', (action) => {
    expect(() => makers[action]!({ evry: { steps: 1 } } as never)).toThrow(
      new RegExp(`^Cannot ${action}: options must have only the names .*, got 'evry'$`),
    );
    expect(() => makers[action]!({ every: { steps: 0 } } as never)).toThrow(
      `Cannot ${action}: every.steps must be a positive integer, got 0`,
    );
  });
});
