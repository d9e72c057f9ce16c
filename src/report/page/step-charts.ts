import type { EvaluationRecord } from '../../training/callbacks/evaluate-every.ts';
import type { StepInfo } from '../../training/step-info.ts';
import type { Point } from '../thin-out.ts';
import type { ReportChart } from './chart.ts';
import type { ReportCurve } from './report-curve.ts';

/** What the charts of a run show, most telling first; those that would say nothing are left out. @internal */
export function stepCharts(steps: readonly StepInfo[]): readonly ReportChart[] {
  const curve = (name: string, read: (step: StepInfo) => number): ReportCurve => ({
    name,
    points: steps.map((step): Point => [step.number, read(step)]),
  });
  const rates = namedCurves(steps, (step) => step.learningRates);
  return [
    {
      title: 'Losses',
      note: 'They need not fall: the networks work against each other. Look for runaways.',
      curves: namedCurves(steps, (step) => step.losses),
    },
    ...metricGroups(steps),
    ...namesIn(steps, (step) => step.terms)
      .map((turn) => ({
        title: `Terms of the ${turn}'s loss`,
        note: 'What the loss is the sum of; penalties with their weight in them.',
        curves: namedCurves(steps, (step) => step.terms[turn] ?? {}),
      }))
      .filter(({ curves }) => curves.length > 1),
    {
      title: 'Length of the gradients',
      note: 'Before any clipping. One that vanishes or grows without end is a network that no longer learns.',
      curves: namedCurves(steps, (step) => step.gradientNorms),
      powers: true,
    },
    ...(rates.some(changes)
      ? [{ title: 'Learning rates', curves: rates, powers: true, exact: true }]
      : []),
    ...namesIn(steps, (step) => step.constraintMetrics)
      .map((network) => ({
        title: `Constraints on the ${network}`,
        curves: namedCurves(steps, (step) => step.constraintMetrics[network] ?? {}),
      }))
      .filter(({ curves }) => curves.length > 0),
    {
      title: 'Seconds a step',
      curves: [curve('seconds', (step) => step.seconds)],
      powers: true,
    },
  ];
}

/** A chart for each figure, as each has a scale of its own. @internal */
export function metricCharts(evaluations: readonly EvaluationRecord[]): readonly ReportChart[] {
  const names = new Set(evaluations.flatMap(({ figures }) => Object.keys(figures)));
  return [...names].map((name) => ({
    title: name,
    dots: true,
    curves: [
      {
        name,
        points: evaluations.map(({ step, figures }): Point => [step, figures[name]?.mean ?? NaN]),
      },
    ],
  }));
}

/** A chart for each group of metrics: those whose names share what is before the stroke. */
function metricGroups(steps: readonly StepInfo[]): readonly ReportChart[] {
  const names = namesIn(steps, (step) => step.metrics);
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const group = name.includes('/') ? name.slice(0, name.indexOf('/')) : name;
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups].map(([group, members]) => {
    const curves = namedCurves(steps, ({ metrics }) =>
      Object.fromEntries(Object.entries(metrics).filter(([name]) => members.includes(name))),
    );
    if (group !== 'accuracy') return { title: group, curves };
    return {
      title: 'Accuracy of the discriminator',
      note: 'Near 0.5 it cannot tell real from fake; 1 on both for long, and the generator learns little.',
      curves: curves.map(({ name, points }) => ({
        name: name.replace('accuracy/', 'on '),
        points,
      })),
    };
  });
}

/** Every name in a record of the steps, in the order in which they come. */
function namesIn(steps: readonly StepInfo[], read: (step: StepInfo) => object): readonly string[] {
  return [...new Set(steps.flatMap((step) => Object.keys(read(step))))];
}

/** A curve for each name, through the steps that have it. */
function namedCurves(
  steps: readonly StepInfo[],
  read: (step: StepInfo) => Readonly<Record<string, number>>,
): ReportCurve[] {
  const curves = new Map<string, Point[]>();
  for (const step of steps) {
    for (const [name, value] of Object.entries(read(step))) {
      const points = curves.get(name);
      if (points === undefined) curves.set(name, [[step.number, value]]);
      else points.push([step.number, value]);
    }
  }
  return [...curves].map(([name, points]) => ({ name, points }));
}

function changes({ points }: ReportCurve): boolean {
  return points.some(([, value]) => value !== points[0]?.[1]);
}
