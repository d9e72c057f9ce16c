import type { StepInfo } from '../../training/step-info.ts';
import { betterWords, figureNames, metricWords } from '../metric-words.ts';
import type { ReportData } from '../report-data.ts';
import type { Point } from '../thin-out.ts';
import type { ReportChart } from './chart.ts';
import { curveGroups, namedCurves, type ReportCurve } from './report-curve.ts';

/** The charts of a run, the most informative first; empty ones are left out. @internal */
export function stepCharts(steps: readonly StepInfo[]): readonly ReportChart[] {
  const rates = curvesOf(steps, (step) => step.learningRates);
  return [
    {
      title: 'Losses',
      unit: 'loss',
      note: 'They need not decrease: the networks compete. Look for divergence.',
      curves: curvesOf(steps, (step) => step.losses),
    },
    ...metricGroups(steps),
    ...namesIn(steps, (step) => step.terms)
      .map((turn) => ({
        title: `Terms of the loss of the ${turn}`,
        unit: 'loss',
        note: 'The terms of the loss; penalties include their weights.',
        curves: curvesOf(steps, (step) => step.terms[turn] ?? {}),
      }))
      .filter(({ curves }) => curves.length > 1),
    {
      title: 'Gradient norms',
      unit: 'norm',
      note: 'Before any clipping. A norm that vanishes or grows without bound means that the network no longer learns.',
      curves: curvesOf(steps, (step) => step.gradientNorms),
      powers: true,
    },
    ...(rates.some(changes)
      ? [{ title: 'Learning rates', unit: 'rate', curves: rates, powers: true, exact: true }]
      : []),
    ...namesIn(steps, (step) => step.constraintMetrics)
      .map((network) => ({
        title: `Constraints on the ${network}`,
        unit: 'value',
        curves: curvesOf(steps, (step) => step.constraintMetrics[network] ?? {}),
      }))
      .filter(({ curves }) => curves.length > 0),
    {
      title: 'Time per step',
      unit: 'seconds',
      curves: [
        {
          name: 'time per step',
          points: steps.map(({ number, seconds }): Point => [number, seconds]),
        },
      ],
      powers: true,
    },
  ];
}

/**
 * A chart for each figure, because each has its own scale; with the floor of real data, if known.
 *
 * @internal
 */
export function metricCharts({
  evaluations,
  floor,
}: Pick<ReportData, 'evaluations' | 'floor'>): readonly ReportChart[] {
  return figureNames(evaluations).map((name) => {
    const words = metricWords(name);
    const points = evaluations.map(({ step, figures }): Point => [
      step,
      figures[name]?.mean ?? NaN,
    ]);
    return {
      title: words.title,
      unit: words.unit,
      note: capitalized(betterWords(words)),
      dots: true,
      curves: [{ name: 'generator', points }, ...floorCurve(floor?.figures[name]?.mean, points)],
    };
  });
}

/** A horizontal line at the floor of real data; none if it is unknown. @internal */
export function floorCurve(
  value: number | undefined,
  points: readonly Point[],
): readonly ReportCurve[] {
  const [first, last] = [points.at(0), points.at(-1)];
  if (value === undefined || first === undefined || last === undefined) return [];
  const ends = [...new Set([first[0], last[0]])];
  const line = ends.map((step): Point => [step, value]);
  return [{ name: 'real data', points: line, color: floorColor, isReference: true }];
}

/** The color of real data in all charts. */
const floorColor = 2;

/** A sentence of words, if there are any. @internal */
export function capitalized(words: string): string | undefined {
  return words === '' ? undefined : `${words[0]!.toUpperCase()}${words.slice(1)}.`;
}

/** A chart for each group of metrics: those with the same prefix before the slash. */
function metricGroups(steps: readonly StepInfo[]): readonly ReportChart[] {
  const groups = curveGroups(
    curvesOf(steps, ({ metrics }) => metrics),
    (name) => name.replace(/\/.*/s, ''),
  );
  return [...groups].map(([group, curves]) => {
    if (group !== 'accuracy') return { title: group, unit: 'value', curves };
    return {
      title: 'Accuracy of the discriminator',
      unit: 'share classified correctly',
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
