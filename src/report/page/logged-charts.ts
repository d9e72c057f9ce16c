import type { ReportData } from '../report-data.ts';
import type { ReportChart } from './chart.ts';
import { curveGroups, namedCurves } from './report-curve.ts';

/**
 * What `evaluateEvery` logs. It has its own section if the report has the evaluations themselves.
 */
const ofEvaluations = 'evaluation/';

/**
 * A chart for each kind of number that callbacks logged: names with the same prefix up to the last
 * slash share one.
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
  // A number without a slash has its own chart, named after it.
  const kinds = curveGroups(curves, (name) => name.replace(/\/[^/]*$/, ''));
  return [...kinds].map(([kind, members]) => ({
    title: titles[kind] ?? kind,
    unit: units[kind] ?? 'value',
    dots: true,
    curves: members.map(({ name, points }) => ({
      name: name.slice(name.lastIndexOf('/') + 1),
      points,
    })),
  }));
}

/** Titles of what `overfittingAlarm` logs. */
const titles: Readonly<Record<string, string>> = {
  'heldOut/accuracy': 'Classified correctly, without dropout',
  'heldOut/logit': 'Mean logits',
  heldOut: 'Difference of mean logits, training minus held-out',
};

const units: Readonly<Record<string, string>> = {
  'heldOut/accuracy': 'share classified correctly',
  'heldOut/logit': 'logit',
  heldOut: 'gap of accuracies',
};
