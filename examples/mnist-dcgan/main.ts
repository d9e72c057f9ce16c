// What you learn: a DCGAN on MNIST, from data to images, with labels, tuned for a few minutes.
// Run it: npm run mnist (all flags: npm run mnist -- --help; to continue a run: --resume mnist)
// In less than 10 minutes, runs/mnist/ shows new handwritten digits. A busy machine makes fewer steps.
// It uses the digits' labels, as they make it several times better (docs/results/mnist.md).

import { basename, join } from 'node:path';
import { createDcgan, saveGenerator, useBackend } from 'tfjs-gan';
import {
  directoryStore,
  loadMnist,
  progress,
  runFolder,
  saveImageGrid,
  stopOnInterrupt,
} from 'tfjs-gan/node';
import { runExample } from '../shared/run-example.ts';
import { endOfRun } from './ending.ts';
import { longerRun, recipe } from './recipe.ts';
import { makeRunFolder } from './run-folder.ts';
import { mnistSettings } from './settings.ts';

const IMAGE_SHAPE = [28, 28, 1] as const;
const FINAL_GRID = { samples: 100, columns: 10, seed: 7 };
/** A column for each digit. */
const FINAL_LABELS = Array.from({ length: FINAL_GRID.samples }, (_, i) => i % FINAL_GRID.columns);

async function main(): Promise<number | undefined> {
  const settings = mnistSettings();
  if (settings === undefined) return undefined;

  const backend = await useBackend(settings.backend);
  console.log(`backend ${String(backend)}`);
  const mnist = await loadMnist({ split: settings.split });

  const { batchSize, conditioning, epochs = Infinity } = settings;
  const totalSteps = Math.min(
    settings.steps ?? Infinity,
    epochs * Math.floor(mnist.size / batchSize),
  );
  const gan = createDcgan({
    imageShape: IMAGE_SHAPE,
    ...(conditioning === 'none' ? {} : { classes: mnist.classes ?? 10, conditioning }),
    baseFilters: settings.baseFilters,
    kernelSize: settings.kernelSize,
    latentSize: settings.latentSize,
    ...recipe(settings, totalSteps),
    seed: settings.seed,
  });

  // Created only now: a run that cannot start leaves no folder and takes no name.
  const { resume } = settings;
  const folder = resume === undefined ? await makeRunFolder(settings) : join(settings.out, resume);
  if (resume !== undefined) {
    const found = await gan.trainer.restore(directoryStore(folder), longerRun);
    console.log(
      found
        ? `Continuing from step ${gan.trainer.step}`
        : 'No checkpoint found: starting from scratch',
    );
  }
  console.log(`${mnist.size} images of ${mnist.name}; writing pictures to ${folder}`);

  const signal = stopOnInterrupt();
  await gan.trainer.fit(mnist, {
    ...endOfRun(settings, totalSteps, gan.trainer.step),
    batchSize,
    signal,
    callbacks: [
      progress(),
      saveGenerator((step) => `file://${join(folder, 'generators', `step-${step}`)}`, {
        every: { epochs: settings.saveEvery },
      }),
      // Samples, curves, history, checkpoints, the generator and the report.
      ...runFolder(folder, {
        every: { steps: settings.gridEvery },
        report: { backend, resumeCommand: resumeCommand(folder, settings.out) },
      }),
    ],
  });

  const samples = gan.generator.sample(FINAL_GRID.samples, {
    seed: FINAL_GRID.seed,
    ...(conditioning === 'none' ? {} : { labels: FINAL_LABELS }),
  });
  await saveImageGrid(join(folder, 'samples.png'), samples, {
    columns: FINAL_GRID.columns,
    scale: 2,
  });
  const steps = gan.trainer.step;
  samples.dispose();
  gan.dispose();

  const made = [
    ['report.html', 'the run on one page: open it in a browser'],
    ['samples.png', `${FINAL_GRID.samples} new digits`],
    ['samples/', 'the same latents in the course of training'],
    ['losses.svg', 'the losses; accuracy.svg has the accuracy, history.jsonl the numbers'],
    ['checkpoints/', `to continue: ${resumeCommand(folder, settings.out)}`],
    ['generator/', `for Generator.load('file://${join(folder, 'generator')}')`],
  ] as const;
  const isShort = settings.minutes !== undefined && steps < totalSteps;
  const end = signal.aborted ? 'Interrupted' : isShort ? 'Time limit reached' : 'Done';
  console.log(`\n${end}: ${steps} steps, ${clock()} minutes in total. The generator is saved`);
  const width = Math.max(...made.map(([name]) => join(folder, name).length));
  for (const [name, what] of made) console.log(`  ${join(folder, name).padEnd(width)}  ${what}`);
  return undefined;
}

function resumeCommand(folder: string, out: string): string {
  return `npm run mnist -- --resume ${basename(folder)}${out === 'runs' ? '' : ` --out ${out}`}`;
}

function clock(): string {
  const seconds = Math.round(performance.now() / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

await runExample(main);
