import type { TableRow } from 'tfjs-gan/tabular';
import { element, write } from './page.ts';
import {
  type Comparison,
  type FoundColumn,
  type Histogram,
  type Kind,
  KINDS,
  textOf,
} from './table-types.ts';

/** Shows the columns of a file, each with a choice of its kind. */
export function showColumns(
  columns: readonly FoundColumn[],
  changed: (name: string, kind: Kind) => void,
): void {
  const rows = columns.map(({ name, kind, missing, distinct, note }) => {
    const select = document.createElement('select');
    select.setAttribute('aria-label', `Kind of ${name}`);
    select.append(...KINDS.map((one) => new Option(one, one)));
    if (kind === 'constant') {
      // It can be found, but not set.
      const option = new Option(kind, kind);
      option.disabled = true;
      select.append(option);
    }
    select.value = kind;
    select.addEventListener('change', () => changed(name, select.value as Kind));
    const head = make('th', name);
    head.scope = 'row';
    if (note !== undefined) {
      const why = make('small', 'free text cannot be learned');
      why.title = note;
      head.append(why);
    }
    const chosen = document.createElement('td');
    chosen.append(select);
    const row = document.createElement('tr');
    row.append(head, chosen, make('td', distinct ?? '–'), make('td', missing ?? '–'));
    return row;
  });
  element('found-columns', HTMLElement).replaceChildren(...rows);
  element('found', HTMLElement).hidden = false;
}

/** Shows rows, with a head of the names of their columns. */
export function showRows(id: string, rows: readonly TableRow[]): void {
  const names = Object.keys(rows[0] ?? {});
  const numbers = new Set(
    names.filter((name) => rows.some((row) => typeof row[name] === 'number')),
  );
  const head = document.createElement('tr');
  head.append(
    ...names.map((name) => {
      const cell = make('th', name);
      cell.scope = 'col';
      cell.title = name;
      if (numbers.has(name)) cell.className = 'number';
      return cell;
    }),
  );
  const body = rows.map((row) => {
    const line = document.createElement('tr');
    line.append(
      ...names.map((name) => {
        const value = row[name] ?? null;
        const cell = make('td', textOf(value));
        cell.classList.toggle('number', numbers.has(name));
        cell.classList.toggle('missing', value === null);
        return cell;
      }),
    );
    return line;
  });
  const sections = [document.createElement('thead'), document.createElement('tbody')] as const;
  sections[0].append(head);
  sections[1].append(...body);
  element(id, HTMLElement).replaceChildren(...sections);
}

/** Shows how alike generated and real rows are. */
export function showComparison(comparison: Comparison): void {
  const { shapes, trends, independent, related, detection, copies } = comparison;
  write('shapes', percent(shapes));
  write('trends', related === 0 ? 'none found' : percent(trends));
  write(
    'trends-more',
    related === 0
      ? 'no two columns belong together'
      : `${related} pairs of columns; unrelated columns would have ${percent(independent)}`,
  );
  write('detection', percent(detection));
  write('copies', percent(copies));
  const drawn = comparison.histograms.map(drawHistogram);
  element('histograms', HTMLElement).replaceChildren(...drawn);
  element('compared', HTMLElement).hidden = false;
}

/** A share in percent. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function drawHistogram(histogram: Histogram): HTMLElement {
  const { column, shape, isNumber, labels } = histogram;
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  caption.append(make('span', column), make('small', `${percent(shape)} alike`));
  figure.append(caption, isNumber ? drawBins(histogram) : drawLevels(histogram));
  if (isNumber) {
    const ends = document.createElement('div');
    ends.className = 'ends';
    ends.append(...labels.map((label) => make('span', label)));
    figure.append(ends);
  }
  return figure;
}

/** Of numbers: upright, in the order of their range. */
function drawBins({ real, made }: Histogram): HTMLElement {
  const most = Math.max(...real, ...made);
  const bins = document.createElement('div');
  bins.className = 'bins';
  bins.append(
    ...real.map((share, i) => {
      const bin = document.createElement('div');
      bin.append(bar('real', 'height', share / most), bar('generated', 'height', made[i]! / most));
      return bin;
    }),
  );
  return bins;
}

/** Of categories: one below the other, with their names. */
function drawLevels({ real, made, labels }: Histogram): HTMLElement {
  const most = Math.max(...real, ...made);
  const levels = document.createElement('div');
  levels.className = 'levels';
  for (const [i, label] of labels.entries()) {
    const name = make('span', label);
    name.title = `${label}: ${percent(real[i]!)} real, ${percent(made[i]!)} generated`;
    const bars = document.createElement('div');
    bars.append(bar('real', 'width', real[i]! / most), bar('generated', 'width', made[i]! / most));
    levels.append(name, bars);
  }
  return levels;
}

function bar(kind: 'real' | 'generated', side: 'width' | 'height', share: number): HTMLElement {
  const drawn = document.createElement('i');
  drawn.className = kind;
  drawn.style[side] = `${(100 * share).toFixed(1)}%`;
  return drawn;
}

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text: string | number,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = String(text);
  return made;
}
