// What you learn: a page that trains a GAN in a worker, stays responsive, and works offline.
// Run it: npm run demo, then open its URL (npm run demo -- build writes runs/browser-demo/)
// Digits are legible after about a minute on 2 cores. The second tab colors what you draw, with a trained network;
// the third learns a CSV file.

import { connectTrainer, type RemoteTrainer, WorkerEndedError } from 'tfjs-gan/worker';
import { ClassChoice } from './class-choice.ts';
import { Curves } from './curves.ts';
import { LatentPoint, SLIDERS } from './latent-point.ts';
import { type KeptModel, readModel, writeModel } from './model-file.ts';
import { download, element, oneAtATime, paint, write } from './page.ts';
import { RealImages } from './real-images.ts';
import {
  BATCH_SIZE,
  CLASSES,
  type DataName,
  type DemoSettings,
  LOSSES,
  type LossName,
  PENALTIES,
  type PenaltyName,
  type RunSettings,
} from './settings.ts';
import { connectTabs } from './tabs.ts';
import { keptRun } from './kept-run.ts';

/** Milliseconds between two pictures of the samples. */
const PICTURE_EVERY = 700;

/** Milliseconds between two searches for directions: they change as the generator does. */
const DIRECTIONS_EVERY = 10_000;

/** What the page is doing; it determines the buttons. */
type State = 'idle' | 'kept' | 'starting' | 'training' | 'paused' | 'stopped';

const primary = element('primary', HTMLButtonElement);
const fresh = element('fresh', HTMLButtonElement);
const stop = element('stop', HTMLButtonElement);
const save = element('save', HTMLButtonElement);
const open = element('open', HTMLButtonElement);
const another = element('another', HTMLButtonElement);
const file = element('file', HTMLInputElement);
const data = element('data', HTMLSelectElement);
const loss = element('loss', HTMLSelectElement);
const penalty = element('penalty', HTMLSelectElement);
const backend = element('backend', HTMLSelectElement);

let state: State = 'idle';
let trainer: RemoteTrainer | undefined;
let settings: RunSettings | undefined;
let seed = 1;
/** The tabs that are loaded when they are opened, and the elements that say why one does not work. */
const lazyTabs = {
  translate: {
    setUp: async () => (await import('./translate.ts')).setUpTranslation(),
    says: 'took',
  },
  tables: { setUp: async () => (await import('./tables.ts')).setUpTables(), says: 'table-state' },
} as const;
type LazyTab = keyof typeof lazyTabs;
const loaded = new Set<LazyTab>();

const curves = new Curves(element('losses', HTMLElement));
const point = new LatentPoint(
  () => drawOne(),
  () => drawEnds(),
);
const real = new RealImages();
const choice = new ClassChoice(() => {
  drawSamples();
  drawReal();
  drawOne();
  drawEnds();
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

const drawEnds = oneAtATime(async () => {
  await onTrainer(async (now) => {
    const layout = { columns: 2, padding: 0, background: 0 };
    point.showEnds(await now.draw(point.ends, { ...choice.labelOf(seed), ...layout }));
  });
});
const findDirections = oneAtATime(async () => {
  await onTrainer(async (now) => choosePoint(now, { unlessMoved: true }));
});

const drawReal = oneAtATime(async () => {
  const { data: name } = settings ?? chosen();
  try {
    const canvas = element('real', HTMLCanvasElement);
    await real.draw(canvas, name, choice.sideOfGrid, choice.selected);
  } catch (error) {
    complain(error);
  }
});

primary.addEventListener('click', () => {
  if (state === 'idle') void begin(chosen());
  else if (state === 'kept') void begin(keptRun.read() ?? chosen(), { resume: true });
  else if (state === 'training') void onTrainer(async (now) => pause(now));
  else void onTrainer(async (now) => resume(now));
});
fresh.addEventListener('click', () => void begin(chosen()));
loss.addEventListener('change', choosePenalty);
data.addEventListener('change', () => {
  if (settings !== undefined) return;
  choice.show(CLASSES[data.value as DataName]);
  drawReal();
});
stop.addEventListener('click', () => {
  write('state', 'Stopping after this step…');
  void onTrainer(async (now) => now.stop());
});
another.addEventListener('click', () => {
  seed += 1;
  void onTrainer(async (now) => choosePoint(now));
});
save.addEventListener('click', () => void onTrainer(saveModel));
open.addEventListener('click', () => {
  file.click();
});
file.addEventListener('change', () => void openModel());

setUp();
connectTabs((tab) => {
  if (tab === 'train' || loaded.has(tab)) return;
  loaded.add(tab);
  void load(tab);
});
void keepForOffline();

/** What the visitor has selected. */
function chosen(): RunSettings {
  return {
    data: data.value as DataName,
    loss: loss.value as LossName,
    penalty: penalty.value as PenaltyName,
  };
}

/** What to start from, beside the settings. */
interface Beginning {
  /** A model from a file. */
  readonly opened?: KeptModel;
  /** Whether to continue the run that the browser keeps. */
  readonly resume?: boolean;
}

/**
 * Creates a trainer and trains it, from scratch, from a saved model or from the run that the browser
 * keeps. A file that does not fit leaves the trainer before it as it was.
 */
async function begin(run: RunSettings, { opened, resume = false }: Beginning = {}): Promise<void> {
  const before = { trainer, state, text: element('state', HTMLElement).textContent };
  if (opened === undefined) {
    // The run that is kept in the browser has one writer at a time.
    trainer?.terminate();
    trainer = undefined;
  }
  show('starting', 'Creating the networks and their data…');
  let made: RemoteTrainer | undefined;
  try {
    const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
    made = await connectTrainer(worker, {
      settings: {
        ...run,
        backend: backend.value as DemoSettings['backend'],
        resume,
        digits: new URL('digits.bin', document.baseURI).href,
        digitLabels: new URL('digit-labels.bin', document.baseURI).href,
      } satisfies DemoSettings,
    });
    if (opened !== undefined) await made.restore(opened.snapshot);
  } catch (error) {
    made?.terminate();
    if (opened === undefined) {
      fail(error);
      return;
    }
    show(before.state, before.text);
    complain(error);
    return;
  }
  before.trainer?.terminate();
  trainer = made;
  settings = run;
  await showTrainer(made, run, opened !== undefined || resume);
  if (opened !== undefined) show('paused', `Opened ${run.data} at step ${opened.snapshot.step}.`);
  else await train(made);
}

/** Shows another trainer: what it computes with, its classes, its curves and samples. */
async function showTrainer(now: RemoteTrainer, run: RunSettings, hasPast: boolean): Promise<void> {
  [data.value, loss.value, penalty.value] = [run.data, run.loss, run.penalty];
  choosePenalty();
  showBackend(now);
  const labels = now.inputs['labels'];
  const classes = labels?.kind === 'condition' ? labels.classes : undefined;
  choice.show(CLASSES[run.data].slice(0, classes ?? 0));
  curves.clear();
  try {
    if (hasPast) {
      const { steps } = await now.history();
      for (const { number, losses } of steps) curves.add(number, losses);
      const { step, epoch } = await now.status();
      showNumbers(step, epoch + 1);
    }
    await choosePoint(now);
  } catch (error) {
    if (now === trainer) complain(error);
  }
  drawSamples();
  drawReal();
}

/** Trains until the visitor stops it. */
async function train(now: RemoteTrainer): Promise<void> {
  let pictured = 0;
  let found = performance.now();
  if (settings !== undefined) keptRun.remember(settings);
  show('training', 'Training.');
  try {
    const { step } = await now.fit({
      batchSize: BATCH_SIZE,
      onStepEnd: ({ number, epoch, losses, samples, seconds }) => {
        curves.add(number, losses);
        showNumbers(number, epoch, samples / seconds);
        if (performance.now() - pictured < PICTURE_EVERY) return;
        pictured = performance.now();
        drawSamples();
        drawOne();
        // Not under the visitor's hand.
        if (pictured - found < DIRECTIONS_EVERY || point.isMoved) return;
        found = pictured;
        findDirections();
      },
    });
    drawSamples();
    drawOne();
    findDirections();
    show('stopped', `Stopped after step ${step}. Start anew takes the settings above.`);
  } catch (error) {
    if (now === trainer) fail(error);
  }
}

async function pause(now: RemoteTrainer): Promise<void> {
  // A step takes long on a slow backend.
  write('state', 'Pausing after this step…');
  await now.pause();
  drawSamples();
  drawOne();
  findDirections();
  const { step, running } = await now.status();
  if (running) show('paused', `Paused after step ${step}.`);
}

async function resume(now: RemoteTrainer): Promise<void> {
  // One that was opened or stopped has no run to resume.
  if (!(await now.status()).running) return train(now);
  await now.resume();
  show('training', 'Training.');
}

/**
 * Starts from the point of the seed, along the directions that change its class most. With
 * `unlessMoved`, a point that the visitor has moved meanwhile stays.
 */
async function choosePoint(now: RemoteTrainer, { unlessMoved = false } = {}): Promise<void> {
  const [{ values }, directions] = await Promise.all([
    now.latents(1, { seed }),
    now.directions({ ...choice.labelOf(seed), count: SLIDERS, draws: 16 }),
  ]);
  if (unlessMoved && point.isMoved) return;
  point.set(
    values,
    directions.map(({ vector }) => vector),
  );
  drawOne();
  drawEnds();
}

async function saveModel(now: RemoteTrainer): Promise<void> {
  if (settings === undefined) return;
  const snapshot = await now.snapshot();
  const bytes = writeModel({ settings, snapshot });
  download(`${settings.data}-step-${snapshot.step}.safetensors`, bytes);
}

async function openModel(): Promise<void> {
  const [picked] = file.files ?? [];
  if (picked === undefined) return;
  try {
    const opened = readModel(new Uint8Array(await picked.arrayBuffer()), picked.name);
    void begin(opened.settings, { opened });
  } catch (error) {
    complain(error);
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
    if (now === trainer) complain(error);
  }
}

/** The training has ended by an error. */
function fail(error: unknown): void {
  if (error instanceof WorkerEndedError) trainer = undefined;
  show(trainer === undefined ? idleState() : 'stopped', '');
  complain(error);
}

/** Something has gone wrong that leaves the training as it is. */
function complain(error: unknown): void {
  if (error instanceof WorkerEndedError && error.message.endsWith('it was terminated')) return;
  write('state', error instanceof Error ? error.message : String(error));
  element('state', HTMLElement).classList.add('failed');
}

/** The state without a trainer. */
function idleState(): State {
  return keptRun.read() === undefined ? 'idle' : 'kept';
}

function show(next: State, text: string): void {
  state = next;
  const names = {
    idle: 'Start',
    kept: 'Continue',
    starting: 'Starting…',
    training: 'Pause',
    paused: 'Continue',
    stopped: 'Continue',
  } as const;
  primary.textContent = names[next];
  const starting = next === 'starting';
  const running = next === 'training' || next === 'paused';
  primary.disabled = starting;
  stop.disabled = !running;
  fresh.hidden = starting || next === 'idle' || next === 'training';
  save.disabled = another.disabled = trainer === undefined;
  open.disabled = starting;
  for (const select of [data, loss, penalty, backend]) {
    select.disabled = starting || next === 'training';
  }
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
  const others = element('others', HTMLDetailsElement);
  others.hidden = report.refused.length === 0;
  const refusal = report.refused.find(({ name }) => name === backend.value);
  const notice = element('refusal', HTMLElement);
  notice.hidden = refusal === undefined;
  notice.textContent =
    refusal === undefined
      ? ''
      : `This browser cannot train on ${refusal.name}: ${refusal.reason}. It trains on ${report.name} instead.`;
  element('runs-on', HTMLElement).hidden = false;
}

/** Fills the page in: what can be chosen, real images, the run that the browser keeps. */
function setUp(): void {
  if (!HAS_DIGITS) data.querySelector('[value=digits]')?.remove();
  fill(loss, LOSSES);
  fill(penalty, PENALTIES);
  let kept = keptRun.read();
  // Kept by a build that had digits.
  if (kept?.data === 'digits' && !HAS_DIGITS) {
    keptRun.forget();
    kept = undefined;
  }
  if (kept !== undefined) {
    [data.value, loss.value, penalty.value] = [kept.data, kept.loss, kept.penalty];
    show('kept', `This browser keeps a run on ${kept.data}. Continue it, or start anew.`);
  }
  choosePenalty();
  choice.show(CLASSES[data.value as DataName]);
  drawReal();
}

function fill(select: HTMLSelectElement, choices: Readonly<Record<string, string>>): void {
  select.replaceChildren(
    ...Object.entries(choices).map(([value, text]) => new Option(text, value)),
  );
}

/** The Wasserstein loss diverges without a bound on the discriminator's gradient. */
function choosePenalty(): void {
  const isWasserstein = loss.value === 'wasserstein';
  const none = penalty.querySelector<HTMLOptionElement>('[value=none]');
  if (none !== null) none.disabled = isWasserstein;
  if (isWasserstein && penalty.value === 'none') penalty.value = 'gradient';
}

/** Loads a tab when it is opened first; after an error, opening it again tries again. */
async function load(tab: LazyTab): Promise<void> {
  const { setUp, says } = lazyTabs[tab];
  try {
    await setUp();
  } catch (error) {
    write(says, error instanceof Error ? error.message : String(error));
    element(says, HTMLElement).classList.add('failed');
    loaded.delete(tab);
  }
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
