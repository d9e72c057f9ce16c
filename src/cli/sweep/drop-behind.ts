import type { Sweep, SweepRun } from './read-sweep.ts';
import { readOutcome, type RunOutcome, writeOutcome } from './run-outcome.ts';

/**
 * Drops the own runs that are not among the best of those which have reached a step: successive
 * halving, with no other coordinator than the files. With several processes it decides by what is
 * there, as ASHA does.
 *
 * A run that ended before that step counts as the worst.
 *
 * @see Jamieson and Talwalkar, Non-stochastic best arm identification and hyperparameter
 * optimization, 2016, and Li et al., A system for massively parallel hyperparameter tuning, 2020.
 * {@link https://arxiv.org/abs/1810.05934}
 */
export async function dropBehind(
  { runs, halving }: Sweep,
  own: readonly SweepRun[],
  rung: number,
): Promise<void> {
  const ranked: { readonly run: SweepRun; readonly outcome: RunOutcome; readonly score: number }[] =
    [];
  for (const run of runs) {
    const outcome = await readOutcome(run.folder);
    const scored = outcome?.scores.find(({ step }) => step === rung);
    if (outcome === undefined || (scored === undefined && !isLost(outcome, rung))) continue;
    ranked.push({ run, outcome, score: scored?.score ?? Infinity });
  }
  // In the order of the sweep if they are equal, because sorting is stable.
  ranked.sort((a, b) => a.score - b.score || 0);
  const kept = Math.ceil(ranked.length / halving!.factor);
  for (const { run, outcome } of ranked.slice(kept)) {
    if (outcome.state === 'paused' && outcome.step === rung && own.includes(run)) {
      await writeOutcome(run.folder, { ...outcome, state: 'dropped' });
    }
  }
}

/** Whether a run ended before a step, with nothing to compare at it. */
function isLost({ state, step }: RunOutcome, rung: number): boolean {
  return step <= rung && (state === 'diverged' || state === 'stopped');
}
