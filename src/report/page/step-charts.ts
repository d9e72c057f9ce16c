import type { EvaluationRecord } from '../../training/callbacks/evaluate-every.ts';
import type { StepInfo } from '../../training/step-info.ts';
import type { Point } from '../thin-out.ts';
import type { ReportChart, ReportCurve } from './chart.ts';

/** What the charts of a run show, most telling first; those that would say nothing are left out. @internal */
export function stepCharts(steps: readonly StepInfo[]): readonly ReportChart[] {
  const curve = (name: string, read: (step: StepInfo) => number): ReportCurve => ({
    name,
    points: steps.map((step): Point => [step.number, read(step)]),
  });
  const perPlayer = (read: (step: StepInfo) => StepInfo['losses']): ReportCurve[] => [
    curve('discriminator', (step) => read(step).discriminator),
    curve('generator', (step) => read(step).generator),
  ];
  const rates = perPlayer((step) => step.learningRates);
  return [
    {
      title: 'Losses',
      note: 'They need not fall: the networks work against each other. Look for runaways.',
      curves: perPlayer((step) => step.losses),
    },
    {
      title: 'Accuracy of the discriminator',
      note: 'Near 0.5 it cannot tell real from fake; 1 on both for long, and the generator learns little.',
      curves: [
        curve('on real', (step) => step.accuracy.real),
        curve('on fake', (step) => step.accuracy.fake),
      ],
    },
    ...networks
      .map((network) => ({
        title: `Terms of the ${network}'s loss`,
        note: 'What the loss is the sum of; penalties with their weight in them.',
        curves: namedCurves(steps, (step) => step.terms[network]),
      }))
      .filter(({ curves }) => curves.length > 1),
    {
      title: 'Length of the gradients',
      note: 'Before any clipping. One that vanishes or grows without end is a network that no longer learns.',
      curves: perPlayer((step) => step.gradientNorms),
      powers: true,
    },
    ...(rates.some(changes)
      ? [{ title: 'Learning rates', curves: rates, powers: true, exact: true }]
      : []),
    ...networks
      .map((network) => ({
        title: `Constraints on the ${network}`,
        curves: namedCurves(steps, (step) => step.constraintMetrics[network]),
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

const networks = ['discriminator', 'generator'] as const;

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
