import { spread } from './shared/spread.ts';
import { table } from './shared/table.ts';

/** One judgement of one training run. */
export interface Row {
  readonly recipe: string;
  readonly side: 'ours' | 'pytorch';
  readonly seed: number;
  readonly threads: number;
  readonly step: number;
  /** Real images seen so far. */
  readonly images: number;
  /** Seconds of training so far: by the clock, and of the processor over all threads. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly samples: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** Mean ± deviation over the seeds for each recipe, side and step, as a table in Markdown. */
export function mnistTable(rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.recipe, row.side, row.threads, row.step]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const names = [
    'frechet',
    'score',
    'prdc.precision',
    'prdc.recall',
    'prdc.density',
    'prdc.coverage',
  ];
  const heads = ['recipe', 'by', 'threads', 'step', 'images', 'seeds', 'CPU seconds'];
  const lines: (string | number)[][] = [];
  for (const group of groups.values()) {
    const [{ recipe, side, threads, step, images }] = group as [Row];
    const seconds = spread(
      group.map(({ cpuSeconds }) => cpuSeconds),
      0,
    );
    const figures = names.map((name) =>
      spread(
        group.map((row) => row.figures[name] ?? row.figures[`${name}.mean`] ?? Number.NaN),
        name === 'frechet' || name === 'score' ? 2 : 3,
      ),
    );
    lines.push([recipe, side, threads, step, images, group.length, seconds, ...figures]);
  }
  return table([...heads, ...names], lines);
}
