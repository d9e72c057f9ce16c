// What you learn: a page that trains a GAN in a worker, stays responsive, and works offline.
// Run it: npm run demo, then open its URL (npm run demo -- build writes runs/browser-demo/)
// Digits are legible after about a minute on 2 cores.

import { connectTrainer, type RemoteTrainer, WorkerEndedError } from 'tfjs-gan/worker';
import { ClassChoice } from './class-choice.ts';
import { Curves } from './curves.ts';
import { LatentPoint } from './latent-point.ts';
import { type KeptModel, readModel, writeModel } from './model-file.ts';
import { download, element, oneAtATime, paint, write } from './page.ts';
import { BATCH_SIZE, CLASSES, type DataName, type DemoSettings } from './settings.ts';

/** Milliseconds between two pictures of the samples. */
const PICTURE_EVERY = 700;

/** What the page is doing; it determines the buttons. */
type State = 'idle' | 'starting' | 'training' | 'paused' | 'stopped';

const primary = element('primary', HTMLButtonElement);
const stop = element('stop', HTMLButtonElement);
const save = element('save', HTMLButtonElement);
const open = element('open', HTMLButtonElement);
const another = element('another', HTMLButtonElement);
const file = element('file', HTMLInputElement);
const data = element('data', HTMLSelectElement);
const backend = element('backend', HTMLSelectElement);

let state: State = 'idle';
let trainer: RemoteTrainer | undefined;
let settings: DemoSettings | undefined;
let seed = 1;

const curves = new Curves(element('losses', HTMLElement));
const point = new LatentPoint(() => drawOne());
const choice = new ClassChoice(() => {
  drawSamples();
  drawOne();
});

const drawSamples = oneAtATime(async () => {
  await onTrainer(async (now) => {
    const side = choice.sideOfGrid;
    const asked = choice.labelsOf(side * side);
    paint(
      element('samples', HTMLCanvasElement),
      await now.draw(side * side, { ...asked, seed: 7, columns: side, background: 0, scale: 2 }),
    );
  });
});
const drawOne = oneAtATime(async () => {
  await onTrainer(async (now) => {
    paint(
      element('one', HTMLCanvasElement),
      await now.draw(point.values, { ...choice.labelOf(seed), padding: 0 }),
    );
  });
});

primary.addEventListener('click', () => {
  if (state === 'idle' || state === 'stopped') void begin();
  else if (state === 'training') void onTrainer(async (now) => pause(now));
  else if (state === 'paused') void onTrainer(async (now) => resume(now));
});
stop.addEventListener('click', () => {
  write('state', 'Stopping after this step…');
  void onTrainer(async (now) => now.stop());
});
another.addEventListener('click', () => {
  seed += 1;
  void onTrainer(choosePoint);
});
save.addEventListener('click', () => void onTrainer(saveModel));
open.addEventListener('click', () => {
  file.click();
});
file.addEventListener('change', () => void openModel());

setUpData();
void keepForOffline();

/** Creates a trainer and trains it, from scratch or from a saved model. */
async function begin(kept?: KeptModel): Promise<void> {
  trainer?.terminate();
  trainer = undefined;
  curves.clear();
  show('starting', 'Creating the networks and their data…');
  settings = {
    data: kept?.settings.data ?? (data.value as DataName),
    backend: backend.value as DemoSettings['backend'],
    digits: new URL('digits.bin', document.baseURI).href,
    digitLabels: new URL('digit-labels.bin', document.baseURI).href,
  };
  data.value = settings.data;
  try {
    const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
    const made = (trainer = await connectTrainer(worker, { settings }));
    showBackend(made);
    const labels = made.inputs['labels'];
    const classes = labels?.kind === 'condition' ? labels.classes : undefined;
    choice.show(CLASSES[settings.data].slice(0, classes ?? 0));
    if (kept !== undefined) {
      await made.restore(kept.snapshot);
      for (const { number, losses } of kept.snapshot.history.steps) curves.add(number, losses);
      showNumbers(kept.snapshot.step, kept.snapshot.cursor.epoch + 1);
    }
    await choosePoint(made);
    drawSamples();
    if (kept === undefined) await train(made);
    else show('paused', `Opened ${data.value} at step ${kept.snapshot.step}.`);
  } catch (error) {
    fail(error);
  }
}

/** Trains until the visitor stops it. */
async function train(now: RemoteTrainer): Promise<void> {
  let pictured = 0;
  const run = now.fit({
    batchSize: BATCH_SIZE,
    onStepEnd: ({ number, epoch, losses, samples, seconds }) => {
      curves.add(number, losses);
      showNumbers(number, epoch, samples / seconds);
      if (performance.now() - pictured < PICTURE_EVERY) return;
      pictured = performance.now();
      drawSamples();
      drawOne();
    },
  });
  show('training', 'Training.');
  const { step } = await run;
  drawSamples();
  drawOne();
  show('stopped', `Stopped after step ${step}. Start trains a new network.`);
}

async function pause(now: RemoteTrainer): Promise<void> {
  // A step takes long on a slow backend.
  write('state', 'Pausing after this step…');
  await now.pause();
  drawSamples();
  drawOne();
  const { step, running } = await now.status();
  if (running) show('paused', `Paused after step ${step}.`);
}

async function resume(now: RemoteTrainer): Promise<void> {
  // An opened model has no run to resume.
  if (!(await now.status()).running) return train(now);
  await now.resume();
  show('training', 'Training.');
}

async function choosePoint(now: RemoteTrainer): Promise<void> {
  point.set((await now.latents(1, { seed })).values);
  drawOne();
}

async function saveModel(now: RemoteTrainer): Promise<void> {
  if (settings === undefined) return;
  const snapshot = await now.snapshot();
  const bytes = writeModel({ settings: { data: settings.data }, snapshot });
  download(`${settings.data}-step-${snapshot.step}.safetensors`, bytes);
}

async function openModel(): Promise<void> {
  const [chosen] = file.files ?? [];
  if (chosen === undefined) return;
  try {
    const kept = readModel(new Uint8Array(await chosen.arrayBuffer()), chosen.name);
    void begin(kept);
  } catch (error) {
    fail(error);
  } finally {
    // So that the same file can be chosen again.
    file.value = '';
  }
}

/** Calls the current trainer; shows an error unless the trainer was replaced meanwhile. */
async function onTrainer(ask: (now: RemoteTrainer) => Promise<void>): Promise<void> {
  const now = trainer;
  if (now === undefined) return;
  try {
    await ask(now);
  } catch (error) {
    if (now === trainer) fail(error);
  }
}

function fail(error: unknown): void {
  if (error instanceof WorkerEndedError && error.message.endsWith('it was terminated')) return;
  const message = error instanceof Error ? error.message : String(error);
  show(trainer === undefined ? 'idle' : 'stopped', message);
  element('state', HTMLElement).classList.add('failed');
}

function show(next: State, text: string): void {
  state = next;
  const names = {
    idle: 'Start',
    starting: 'Starting…',
    training: 'Pause',
    paused: 'Continue',
  } as const;
  primary.textContent = next === 'stopped' ? 'Start again' : names[next];
  primary.disabled = next === 'starting';
  const running = next === 'training' || next === 'paused';
  stop.disabled = !running;
  save.disabled = another.disabled = trainer === undefined;
  open.disabled = next === 'starting';
  data.disabled = backend.disabled = running || next === 'starting';
  write('state', text);
  element('state', HTMLElement).classList.remove('failed');
}

function showNumbers(step: number, epoch: number, speed?: number): void {
  write('step', String(step));
  write('epoch', String(epoch));
  write('speed', speed === undefined ? '–' : speed.toFixed(0));
}

function showBackend({ backend: report }: RemoteTrainer): void {
  write('backend-name', report.name);
  write('backend-detail', report.detail === '' ? '' : `: ${report.detail}`);
  element('refused', HTMLElement).replaceChildren(
    // A backend that never runs in a page would only confuse visitors.
    ...report.refused
      .filter(({ name }) => name !== 'tensorflow')
      .map(({ name, reason }) => {
        const item = document.createElement('li');
        item.textContent = `Not ${name}: ${reason}`;
        return item;
      }),
  );
  // Expanded if the visitor chose a backend: it explains why another one runs.
  const others = element('others', HTMLDetailsElement);
  others.hidden = report.refused.length === 0;
  others.open = backend.value !== 'auto';
  element('runs-on', HTMLElement).hidden = false;
}

/** Removes the digits if the build has none. */
function setUpData(): void {
  if (HAS_DIGITS) return;
  data.querySelector('[value=digits]')?.remove();
}

/** Makes the browser cache the whole page. */
async function keepForOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register('./service-worker.js');
    await navigator.serviceWorker.ready;
    write('offline', 'This page now works without a network.');
  } catch {
    // Without the cache, the page still works online.
  }
}
