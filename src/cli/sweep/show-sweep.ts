import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { encodeCsv } from '../../data/table/encode-csv.ts';
import { meanAndDeviation } from '../../metrics/numerics/mean-and-deviation.ts';
import { writeReport } from '../../platforms/node/report/write-report.ts';
import { writeFileWhole } from '../../platforms/node/write-file.ts';
import type { Output } from '../output.ts';
import { type Sweep, type SweepRun, wordsOf } from './read-sweep.ts';
import { type RunStatus, statusOf } from './run-outcome.ts';

/** Runs on the page that compares: the best of a long list. */
const mostCompared = 30;

interface ShownRun {
  readonly run: SweepRun;
  readonly status: RunStatus;
}

/**
 * Prints how far each run is, and writes `sweep.csv` and `comparison.html` into their folder once
 * one has begun.
 */
export async function showSweep(sweep: Sweep, output: Output): Promise<void> {
  const { folder, runs } = sweep;
  const shown: ShownRun[] = [];
  for (const run of runs) shown.push({ run, status: await statusOf(run.folder) });
  const rows = rowsOf(shown);
  const byScore = [...shown].sort((a, b) => scoreOf(a) - scoreOf(b) || 0);
  const page = await writePage(sweep, byScore);
  if (page !== undefined) {
    await writeFileWhole('sweep', join(folder, 'sweep.csv'), encodeCsv(rows));
  }
  for (const row of rows) output.event({ event: 'run', ...row });
  const best = byScore.find((one) => scoreOf(one) < Infinity)?.run;
  output.result(
    { event: 'done', runs: runs.length, best: best?.folder, page },
    [
      ...table(rows),
      ...means(shown),
      ...(best === undefined ? [] : [`Best: ${best.folder} (${best.title})`]),
      ...(page === undefined ? [] : [`${page}: open it in a browser`]),
    ].join('\n'),
  );
}

type Row = Readonly<Record<string, string | number | boolean | null>>;

/** The same columns for each run; lists may vary other settings in each. */
function rowsOf(shown: readonly ShownRun[]): readonly Row[] {
  const names = new Set(shown.flatMap(({ run }) => Object.keys(run.varied)));
  return shown.map(({ run: { id, varied, seed }, status: { state, step, score } }) => {
    const settings = [...names].map((name) => [name, varied[name] ?? null] as const);
    return { id, ...Object.fromEntries(settings), seed, state, step, score: score ?? null };
  });
}

/** The page that compares the runs which have begun; undefined if none has. */
async function writePage(
  { name: title, folder }: Sweep,
  byScore: readonly ShownRun[],
): Promise<string | undefined> {
  const begun = byScore
    .map(({ run }) => run.folder)
    .filter((path) => existsSync(join(path, 'history.jsonl')))
    .slice(0, mostCompared);
  if (begun.length === 0) return undefined;
  return writeReport(begun, { title, path: join(folder, 'comparison.html') });
}

function scoreOf({ status: { score } }: ShownRun): number {
  return score ?? Infinity;
}

/** Aligned lines. */
function table(rows: readonly Row[]): readonly string[] {
  const names = Object.keys(rows[0]!);
  const cells = [names, ...rows.map((row) => names.map((name) => words(row[name] ?? null)))];
  const widths = names.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  return cells.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}

function words(value: Row[string]): string {
  if (typeof value !== 'number') return String(value ?? '');
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** Mean and deviation of the scores of settings over seeds, the best first. */
function means(shown: readonly ShownRun[]): readonly string[] {
  const groups = new Map<string, number[]>();
  for (const { run, status } of shown) {
    if (status.state !== 'done' || status.score === undefined) continue;
    const name = wordsOf(run.varied) || 'all';
    groups.set(name, [...(groups.get(name) ?? []), status.score]);
  }
  return [...groups]
    .map(([name, scores]) => ({ name, count: scores.length, ...meanAndDeviation(scores, 1) }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => a.mean - b.mean)
    .map(
      ({ name, count, mean, deviation }) =>
        `${name}: ${mean.toPrecision(4)} ± ${deviation.toPrecision(2)} of ${count} seeds`,
    );
}
