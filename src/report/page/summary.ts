import type { StepInfo } from '../../training/step-info.ts';
import { betterWords, metricWords } from '../metric-words.ts';
import type { ReportData, ReportWarning } from '../report-data.ts';
import { escapeText } from '../svg.ts';
import { digits, duration, figureWords, percent, whole } from './words.ts';

/** The top of the page: state, verdict, and the key figures. @internal */
export function summary(data: ReportData, warnings: readonly ReportWarning[]): string {
  const { title, state, steps, lastStep, error } = data;
  const step = steps.at(-1)?.number ?? 0;
  const done = lastStep === undefined ? undefined : Math.min(1, step / lastStep);
  const look = state === 'failed' ? 'bad' : state === 'running' ? 'busy' : 'good';
  const early = state === 'aborted' || state === 'stopped' ? 'warn' : look;
  return [
    `<header><h1>${escapeText(title)}</h1><span class="state ${early}">${stateWords[state]}</span>`,
    '<label class="live soft" hidden><input type="checkbox"> refresh automatically</label></header>',
    `<p class="verdict">${escapeText(verdict(data, warnings))}</p>`,
    '<p class="notice silent" hidden>The run has not written for a while. It may have been killed, or the machine may be asleep.</p>',
    error === undefined
      ? ''
      : `<div class="notice bad" role="alert"><strong>It failed</strong><p>${escapeText(error)}</p></div>`,
    warnings.length === 0
      ? ''
      : `<div class="notice warn"><strong>${warnings.length === 1 ? 'A warning' : `${warnings.length} warnings`}</strong><ul>${warnings
          .map((warning) => `<li>Step ${whole(warning.step)}: ${escapeText(warning.message)}.</li>`)
          .join('')}</ul></div>`,
    done === undefined
      ? ''
      : `<div class="bar" role="progressbar" aria-label="Finished steps" aria-valuenow="${Math.round(100 * done)}"><i style="width:${(100 * done).toFixed(1)}%"></i></div>`,
    `<dl class="figures">${keyFigures(data, step).map(keyFigure).join('')}</dl>`,
  ].join('\n');
}

/** @internal */
export const stateWords: Readonly<Record<ReportData['state'], string>> = {
  running: 'Running',
  finished: 'Finished',
  stopped: 'Stopped',
  aborted: 'Ended early',
  failed: 'Failed',
};

function verdict(data: ReportData, warnings: readonly ReportWarning[]): string {
  const { state, steps, lastStep, minutes } = data;
  const step = steps.at(-1)?.number ?? 0;
  const place =
    lastStep === undefined ? `step ${whole(step)}` : `step ${whole(step)} ${goal(data)}`;
  const well = warnings.length === 0 ? 'No warnings' : 'The warnings below say what to try';
  switch (state) {
    case 'running':
      return step === 0 ? 'Training begins.' : `Training is at ${place}. ${well}.`;
    case 'finished':
      return minutes === undefined
        ? `All steps are finished. ${well}.`
        : `All steps planned for the available time are finished. ${well}.`;
    case 'stopped':
      return `A callback or the program ended it at ${place}. ${well}.`;
    case 'aborted':
      return `It was ended at ${place}: by Ctrl-C, a time limit or another signal. ${well}.`;
    case 'failed':
      return `An error ended it after ${place}. The networks are in the state after that step.`;
  }
}

/** How many steps the run has, as far as it knows: nothing if it does not. */
function goal({ state, lastStep, minutes }: ReportData): string {
  if (lastStep === undefined) return '';
  const isPlan = minutes !== undefined && state !== 'finished';
  return `of ${isPlan ? 'about ' : ''}${whole(lastStep)}${isPlan ? ' planned' : ''}`;
}

/** A figure at the top of a page. @internal */
export interface KeyFigure {
  readonly name: string;
  readonly value: string;
  readonly more?: string | undefined;
}

/** {@link KeyFigure}s as a list. @internal */
export function keyFigure({ name, value, more }: KeyFigure): string {
  const small = more === undefined ? '' : `<small>${escapeText(more)}</small>`;
  return `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}${small}</dd></div>`;
}

function keyFigures(data: ReportData, step: number): readonly KeyFigure[] {
  const { steps, lastStep, state, evaluations } = data;
  const last = steps.at(-1);
  const pace = paceOf(data);
  const left = lastStep === undefined ? undefined : Math.max(0, lastStep - step) * pace;
  const newest = evaluations.at(-1);
  const [figure, value] = Object.entries(newest?.figures ?? {})[0] ?? [];
  const total = secondsOf(data);
  return [
    {
      name: 'Step',
      value: whole(step),
      more: [
        ...(lastStep === undefined ? [] : [goal(data)]),
        ...(last === undefined ? [] : [`epoch ${last.epoch}`]),
      ].join(', '),
    },
    state === 'running' && left !== undefined && Number.isFinite(left)
      ? { name: 'Time left', value: duration(left), more: `${duration(total)} trained` }
      : { name: 'Time trained', value: duration(total) },
    ...(last === undefined
      ? []
      : [
          {
            name: 'Samples per second',
            value: short(last.samples / pace),
            more: `${duration(pace)} per step`,
          },
          {
            name: 'Losses',
            value: lossesOf(last)
              .map(
                // Names of other games may need the line for themselves.
                (turn) =>
                  `${turn in shortNames ? `${shortNames[turn]}\u00a0` : `${turn} `}${short(recent(steps, (one) => one.losses[turn]!))}`,
              )
              .join(' · '),
            more: 'mean of the last 50 steps',
          },
          ...accuracies(steps, last),
        ]),
    ...(newest === undefined || figure === undefined || value === undefined
      ? []
      : [
          {
            name: metricWords(figure).title,
            value: figureWords(value, newest.seeds?.length ?? 1),
            more: [betterWords(metricWords(figure)), `step ${whole(newest.step)}`]
              .filter((part) => part !== '')
              .join(', '),
          },
        ]),
  ];
}

/** Three significant digits, so that two fit side by side. @internal */
export function short(value: number): string {
  return digits(Number(value.toPrecision(3)));
}

function recent(steps: readonly StepInfo[], read: (step: StepInfo) => number): number {
  const values = steps.slice(-50).map(read);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Seconds per step, callbacks included if they are known. @internal */
export function paceOf({
  secondsPerStep,
  steps,
}: Pick<ReportData, 'secondsPerStep' | 'steps'>): number {
  return secondsPerStep ?? medianSeconds(steps.slice(-100));
}

/** Seconds trained. @internal */
export function secondsOf({ seconds, steps }: Pick<ReportData, 'seconds' | 'steps'>): number {
  return seconds ?? steps.reduce((sum, step) => sum + step.seconds, 0);
}

/** @internal */
export function medianSeconds(steps: readonly StepInfo[]): number {
  const sorted = steps.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** Short names of the turns of the adversarial game. */
const shortNames: Readonly<Record<string, string>> = { discriminator: 'D', generator: 'G' };

function lossesOf(last: StepInfo): readonly string[] {
  return Object.keys(last.losses);
}

/** The metrics `accuracy/…` of a game; nothing if it has none. */
function accuracies(steps: readonly StepInfo[], last: StepInfo): readonly KeyFigure[] {
  const names = Object.keys(last.metrics).filter((name) => name.startsWith('accuracy/'));
  if (names.length === 0) return [];
  return [
    {
      name: 'Classified correctly',
      value: names.map((name) => percent(recent(steps, (one) => one.metrics[name]!))).join(' · '),
      more: names.map((name) => `of ${name.slice('accuracy/'.length)}`).join(' · '),
    },
  ];
}
