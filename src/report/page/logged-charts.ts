import type { LoggedInfo } from '../../training/step-info.ts';
import type { Point } from '../thin-out.ts';
import type { ReportChart } from './chart.ts';

/** What `evaluateEvery` logs has a section of its own. */
const shownElsewhere = 'evaluation/';

/**
 * A chart for each kind of number that callbacks logged: names that are the same up to the last slash share one.
 *
 * @internal
 */
export function loggedCharts(logged: readonly LoggedInfo[]): readonly ReportChart[] {
  const kinds = new Map<string, Map<string, Point[]>>();
  for (const { step, values } of logged) {
    for (const [name, value] of Object.entries(values)) {
      if (name.startsWith(shownElsewhere)) continue;
      const slash = name.lastIndexOf('/');
      // A number without a slash has a chart of its own, by its whole name.
      const [kind, short] =
        slash < 0 ? [name, name] : [name.slice(0, slash), name.slice(slash + 1)];
      const curves = kinds.get(kind) ?? new Map<string, Point[]>();
      kinds.set(kind, curves.set(short, [...(curves.get(short) ?? []), [step, value]]));
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
