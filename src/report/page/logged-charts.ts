import type { ReportData } from '../report-data.ts';
import type { Point } from '../thin-out.ts';
import type { ReportChart } from './chart.ts';

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
  const kinds = new Map<string, Map<string, Point[]>>();
  for (const { step, values } of logged) {
    for (const [name, value] of Object.entries(values)) {
      if (evaluations.length > 0 && name.startsWith(ofEvaluations)) continue;
      const slash = name.lastIndexOf('/');
      // A number without a slash has a chart of its own, by its whole name.
      const [kind, short] =
        slash < 0 ? [name, name] : [name.slice(0, slash), name.slice(slash + 1)];
      const curves = kinds.get(kind) ?? new Map<string, Point[]>();
      const points = curves.get(short) ?? [];
      points.push([step, value]);
      kinds.set(kind, curves.set(short, points));
    }
  }
  return [...kinds].map(([kind, curves]) => ({
    title: titles[kind] ?? kind,
    dots: true,
    curves: [...curves].map(([name, points]) => ({ name, points })),
  }));
}

/** What `overfittingAlarm` logs, in words. */
const titles: Readonly<Record<string, string>> = {
  'heldOut/accuracy': 'Judged right, without dropout',
  'heldOut/logit': 'Mean logits',
  heldOut: 'How far samples trained on score above held-out ones',
};
