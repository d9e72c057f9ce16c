import type { ReportData } from '../report-data.ts';
import type { ReportChart } from './chart.ts';
import { curveGroups, namedCurves } from './report-curve.ts';

/** What `evaluateEvery` logs. It has a section of its own where the report was given the evaluations themselves. */
const ofEvaluations = 'evaluation/';

/**
 * A chart for each kind of number that callbacks logged: names that are the same up to the last slash share one.
 *
 * @internal
 */
export function loggedCharts({
  logged,
  evaluations,
}: Pick<ReportData, 'logged' | 'evaluations'>): readonly ReportChart[] {
  const curves = namedCurves(logged.map(({ step, values }) => [step, values])).filter(
    ({ name }) => evaluations.length === 0 || !name.startsWith(ofEvaluations),
  );
  // A number without a slash has a chart of its own, by its whole name.
  const kinds = curveGroups(curves, (name) => name.replace(/\/[^/]*$/, ''));
  return [...kinds].map(([kind, members]) => ({
    title: titles[kind] ?? kind,
    dots: true,
    curves: members.map(({ name, points }) => ({
      name: name.slice(name.lastIndexOf('/') + 1),
      points,
    })),
  }));
}

/** What `overfittingAlarm` logs, in words. */
const titles: Readonly<Record<string, string>> = {
  'heldOut/accuracy': 'Judged right, without dropout',
  'heldOut/logit': 'Mean logits',
  heldOut: 'How far samples trained on score above held-out ones',
};
