import type { EvaluationRecord } from '../../training/callbacks/evaluate-every.ts';
import type { StepInfo } from '../../training/step-info.ts';
import type { Point } from '../thin-out.ts';
import type { ReportChart } from './chart.ts';
import { curveGroups, namedCurves, type ReportCurve } from './report-curve.ts';

/** The charts of a run, the most informative first; empty ones are left out. @internal */
export function stepCharts(steps: readonly StepInfo[]): readonly ReportChart[] {
  const rates = curvesOf(steps, (step) => step.learningRates);
  return [
    {
      title: 'Losses',
      note: 'They need not decrease: the networks compete. Look for divergence.',
      curves: curvesOf(steps, (step) => step.losses),
    },
    ...metricGroups(steps),
    ...namesIn(steps, (step) => step.terms)
      .map((turn) => ({
        title: `Terms of the ${turn}'s loss`,
        note: 'The terms of the loss; penalties include their weights.',
        curves: curvesOf(steps, (step) => step.terms[turn] ?? {}),
      }))
      .filter(({ curves }) => curves.length > 1),
    {
      title: 'Gradient norms',
      note: 'Before any clipping. A norm that vanishes or grows without bound means that the network no longer learns.',
      curves: curvesOf(steps, (step) => step.gradientNorms),
      powers: true,
    },
    ...(rates.some(changes)
      ? [{ title: 'Learning rates', curves: rates, powers: true, exact: true }]
      : []),
    ...namesIn(steps, (step) => step.constraintMetrics)
      .map((network) => ({
        title: `Constraints on the ${network}`,
        curves: curvesOf(steps, (step) => step.constraintMetrics[network] ?? {}),
      }))
      .filter(({ curves }) => curves.length > 0),
    {
      title: 'Seconds per step',
      curves: [
        { name: 'seconds', points: steps.map(({ number, seconds }): Point => [number, seconds]) },
      ],
      powers: true,
    },
  ];
}

/** A chart for each figure, because each has its own scale. @internal */
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

/** A chart for each group of metrics: those with the same prefix before the slash. */
function metricGroups(steps: readonly StepInfo[]): readonly ReportChart[] {
  const groups = curveGroups(
    curvesOf(steps, ({ metrics }) => metrics),
    (name) => name.replace(/\/.*/s, ''),
  );
  return [...groups].map(([group, curves]) => {
    if (group !== 'accuracy') return { title: group, curves };
    return {
      title: 'Accuracy of the discriminator',
      note: 'Near 0.5 it cannot distinguish real from fake; if both stay at 1, the generator learns little.',
      curves: curves.map(({ name, points }) => ({
        name: name.replace('accuracy/', 'on '),
        points,
      })),
    };
  });
}

/** Every name in a record of the steps, in order of first occurrence. */
function namesIn(steps: readonly StepInfo[], read: (step: StepInfo) => object): readonly string[] {
  return [...new Set(steps.flatMap((step) => Object.keys(read(step))))];
}

function curvesOf(
  steps: readonly StepInfo[],
  read: (step: StepInfo) => Readonly<Record<string, number>>,
): readonly ReportCurve[] {
  return namedCurves(steps.map((step) => [step.number, read(step)]));
}

function changes({ points }: ReportCurve): boolean {
  return points.some(([, value]) => value !== points[0]?.[1]);
}
