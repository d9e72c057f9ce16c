// The third tab: a CSV file is learned in a worker, and rows like those in it are generated. What is asked of the worker
// happens there one after the other, but for the training, which goes on meanwhile.

import { proxy, type ProxyMarked, type Remote, wrap } from 'comlink';
import { Curves } from './curves.ts';
import { keptTable } from './kept-table.ts';
import { download, element, oneAtATime, write } from './page.ts';
import type { TableStudio } from './table-studio.ts';
import {
  type FoundTable,
  type Kind,
  type RowsRequest,
  SHOWN_ROWS,
  textOf,
  type TrainingNews,
} from './table-types.ts';
import { percent, showColumns, showComparison, showRows } from './table-view.ts';

/** Steps of one press of Train. */
const STEPS = 2000;
/** What the tab is doing; it determines the buttons. */
type State = 'empty' | 'opening' | 'open' | 'starting' | 'training';

/** Connects the controls of the tab, and shows the generator that the browser keeps. */
export async function setUpTables(): Promise<void> {
  const worker = new Worker(new URL('./train.worker.ts', import.meta.url), {
    type: 'module',
    name: 'tables',
  });
  const begin = wrap<() => TableStudio & ProxyMarked>(worker);
  const studio = await new Promise<Remote<TableStudio>>((resolve, reject) => {
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    begin().then(resolve, reject);
  });
  await new TablesTab(studio).start();
}

class TablesTab {
  readonly #studio: Remote<TableStudio>;
  readonly #curves = new Curves(element('table-losses', HTMLElement));
  readonly #openButton = element('open-table', HTMLButtonElement);
  readonly #penguins = element('penguins', HTMLButtonElement);
  readonly #input = element('table-file', HTMLInputElement);
  readonly #learn = element('learn', HTMLButtonElement);
  readonly #stop = element('stop-learning', HTMLButtonElement);
  readonly #column = element('where-column', HTMLSelectElement);
  readonly #value = element('where-value', HTMLSelectElement);
  readonly #count = element('row-count', HTMLInputElement);
  #state: State = 'empty';
  #file: File | undefined;
  #found: FoundTable | undefined;
  #kinds: Readonly<Record<string, Kind>> = {};
  /** The order of the columns, which a change of their kinds leaves as it is. */
  #names: readonly string[] = [];
  #choices: FoundTable['choices'] = {};
  #step = 0;
  #seed = 1;

  constructor(studio: Remote<TableStudio>) {
    this.#studio = studio;
  }

  async start(): Promise<void> {
    this.#connect();
    // Enables what can be pressed from now on.
    this.#show('empty');
    const kept = keptTable.read();
    if (kept === undefined) return;
    await this.#attempt(async () => {
      await this.#studio.load();
      showComparison(kept.comparison);
      this.#showChoices(kept.choices);
      write('table-step', String(kept.step));
      write(
        'table-state',
        `This browser keeps a generator of ${kept.name}, after ${kept.step} steps. The file itself is not kept.`,
      );
      element('no-real', HTMLElement).hidden = false;
      this.#draw();
    });
  }

  #connect(): void {
    this.#openButton.addEventListener('click', () => this.#input.click());
    this.#input.addEventListener('change', () => {
      const [file] = this.#input.files ?? [];
      if (file !== undefined) void this.#openFile(file);
      // So that the same file can be chosen again.
      this.#input.value = '';
    });
    this.#penguins.addEventListener('click', () => void this.#openPenguins());
    this.#learn.addEventListener('click', () => void this.#train());
    this.#stop.addEventListener('click', () => {
      write('table-state', 'Stopping after this step…');
      void this.#studio.stop();
    });
    this.#column.addEventListener('change', () => {
      this.#showValues();
      this.#draw();
    });
    this.#value.addEventListener('change', () => this.#draw());
    element('other-rows', HTMLButtonElement).addEventListener('click', () => {
      this.#seed += 1;
      this.#draw();
    });
    element('download-table', HTMLButtonElement).addEventListener(
      'click',
      () => void this.#download(),
    );
    element('forget', HTMLButtonElement).addEventListener('click', () => void this.#forget());
    this.#acceptDrops(element('drop', HTMLElement));
  }

  #acceptDrops(place: HTMLElement): void {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      place.classList.toggle('over', event.type === 'dragover');
    };
    place.addEventListener('dragover', over);
    place.addEventListener('dragleave', over);
    place.addEventListener('drop', (event) => {
      over(event);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined && !this.#openButton.disabled) void this.#openFile(file);
    });
  }

  async #openPenguins(): Promise<void> {
    let file: File | undefined;
    await this.#attempt(async () => {
      const response = await fetch(new URL('penguins.csv', document.baseURI));
      if (!response.ok) {
        throw new Error(`Cannot load the penguins: the server returned ${response.status}`);
      }
      file = new File([await response.blob()], 'penguins.csv');
    });
    if (file !== undefined) await this.#openFile(file);
  }

  /** Opens a file, or the same one with other kinds. If it cannot be read, all stays as it was. */
  async #openFile(file: File, kinds: Readonly<Record<string, Kind>> = {}): Promise<void> {
    this.#show('opening', `Reading ${file.name}…`);
    await this.#attempt(async () => {
      const found = await this.#studio.open(file, kinds);
      const names = found.columns.map(({ name }) => name);
      if (file !== this.#file) this.#names = names;
      [this.#file, this.#found, this.#kinds, this.#step] = [file, found, kinds, 0];
      this.#curves.clear();
      for (const id of ['table-step', 'table-speed', 'followed']) write(id, '–');
      for (const id of ['made', 'compared']) element(id, HTMLElement).hidden = true;
      showRows('real-rows', found.rows);
      element('no-real', HTMLElement).hidden = true;
      this.#show('open', `${file.name}: ${found.size} rows, ${names.length} columns.`);
    });
    this.#showFound();
  }

  #showFound(): void {
    const found = this.#found;
    if (found === undefined) {
      this.#show('empty');
      return;
    }
    const columns = [...found.columns].sort(
      (a, b) => this.#names.indexOf(a.name) - this.#names.indexOf(b.name),
    );
    showColumns(columns, (name, kind) => {
      void this.#openFile(this.#file!, { ...this.#kinds, [name]: kind });
    });
    this.#show('open');
  }

  async #train(): Promise<void> {
    this.#show('starting', 'Creating the networks…');
    await this.#attempt(async () => {
      await this.#studio.train(
        STEPS,
        proxy((news: TrainingNews) => this.#hear(news)),
      );
      write('table-state', `Stopped after step ${this.#step}. This browser keeps the generator.`);
    });
    this.#show('open');
  }

  #hear({ steps, stepsPerSecond, followed, comparison }: TrainingNews): void {
    for (const { number, losses } of steps) this.#curves.add(number, losses);
    this.#step = steps.at(-1)?.number ?? this.#step;
    if (this.#state === 'starting') this.#show('training', 'Training.');
    write('table-step', String(this.#step));
    if (steps.length > 0) write('table-speed', stepsPerSecond.toFixed(stepsPerSecond < 10 ? 1 : 0));
    if (followed !== undefined) write('followed', percent(followed));
    if (comparison === undefined) return;
    showComparison(comparison);
    const { choices, size } = this.#found!;
    if (element('made', HTMLElement).hidden) this.#showChoices(choices);
    keptTable.remember({ name: this.#file!.name, size, step: this.#step, choices, comparison });
    this.#draw();
  }

  /** Lets a value be requested. */
  #showChoices(choices: FoundTable['choices']): void {
    this.#choices = choices;
    const names = Object.keys(choices);
    this.#column.replaceChildren(
      new Option('any value', ''),
      ...names.map((name) => new Option(name, name)),
    );
    this.#showValues();
    element('made', HTMLElement).hidden = false;
  }

  #showValues(): void {
    const values = this.#choices[this.#column.value] ?? [];
    this.#value.replaceChildren(...values.map((value, i) => new Option(textOf(value), String(i))));
    this.#value.disabled = values.length === 0;
  }

  #request(count: number): RowsRequest {
    const name = this.#column.value;
    const value = this.#choices[name]?.[Number(this.#value.value)];
    return { count, seed: this.#seed, where: value === undefined ? {} : { [name]: value } };
  }

  readonly #draw = oneAtATime(async () => {
    await this.#attemptRows(async () => {
      const { rows, share } = await this.#studio.sample(this.#request(SHOWN_ROWS));
      showRows('made-rows', rows);
      write(
        'rows-state',
        share === undefined
          ? ''
          : `${percent(share)} of the rows that the network made had this value; the others were left out.`,
      );
    });
  });

  async #download(): Promise<void> {
    await this.#attemptRows(async () => {
      const bytes = await this.#studio.csv(this.#request(Math.round(Number(this.#count.value))));
      download('generated.csv', bytes);
    });
  }

  async #forget(): Promise<void> {
    await this.#attempt(async () => {
      await this.#studio.forget();
      keptTable.forget();
      write('table-state', 'Forgotten: the browser keeps no generator.');
      if (this.#found !== undefined) return;
      for (const id of ['made', 'compared']) element(id, HTMLElement).hidden = true;
      write('table-step', '–');
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    await attempt('table-state', work);
  }

  async #attemptRows(work: () => Promise<void>): Promise<void> {
    await attempt('rows-state', work);
  }

  #show(state: State, text?: string): void {
    this.#state = state;
    const isBusy = state !== 'empty' && state !== 'open';
    this.#learn.disabled = state !== 'open';
    this.#learn.textContent = this.#step === 0 ? 'Train' : 'Train on';
    this.#stop.disabled = state !== 'training';
    this.#openButton.disabled = this.#penguins.disabled = isBusy;
    element('forget', HTMLButtonElement).disabled = isBusy;
    for (const select of document.querySelectorAll<HTMLSelectElement>('#found select')) {
      select.disabled = isBusy;
    }
    if (text !== undefined) {
      write('table-state', text);
      element('table-state', HTMLElement).classList.remove('failed');
    }
  }
}

/** Shows the error of some work, if it has one, in an element of the page. */
async function attempt(id: string, work: () => Promise<void>): Promise<void> {
  const place = element(id, HTMLElement);
  try {
    await work();
    place.classList.remove('failed');
  } catch (error) {
    place.textContent = error instanceof Error ? error.message : String(error);
    place.classList.add('failed');
  }
}
