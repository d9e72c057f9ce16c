import type { StepInfo } from '../step-info.ts';

/**
 * A problem that {@link collapseAlarm} detected.
 *
 * @example End the run for one kind of warning, print the others
 * ```ts
 * const onWarning = ({ kind, step, message }: CollapseWarning, run: TrainRun): void => {
 *   console.error(`step ${step}: ${message}`);
 *   if (kind === 'lostDiversity') run.stop();
 * };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [collapseAlarm({ onWarning })] });
 * ```
 */
export interface CollapseWarning {
  /** The kind of problem. */
  readonly kind:
    'saturatedDiscriminator' | 'vanishingGradient' | 'lostDiversity' | 'belowChanceDiscriminator';
  /** Number of the step at which it was detected. */
  readonly step: number;
  /** What was detected, and what to try. */
  readonly message: string;
}

/** Steps between checks, by default. @internal */
export const stepsOfALook = 100;

/** How many checks in a row must show a problem, by default. @internal */
export const looksInARow = 2;

/** Number of first steps whose gradients serve as the reference. */
const beginningSteps = 10;

/** The discriminator is always right. */
const sureShare = 0.998;

/** The discriminator is below chance. */
const chance = 0.5;

/** Nearly all nearest neighbors, of fake and of real samples, are of the same kind. */
const apart = 0.98;

/** The generator's gradient norm fell below this share of its initial value. */
const vanished = 1e-3;

/** The variance of fake samples is below this share of that of real samples. */
const same = 0.05;

/**
 * Checks the steps since the last check.
 *
 * Saturation alone is harmless: early in training, and with some losses later, every discriminator
 * is certain for a while. The warning therefore also requires that the discriminator's own gradient
 * has vanished, so that neither network can learn.
 *
 * @param recent - Those steps.
 * @param firstNorms - The networks' typical gradient norms at the beginning of training.
 *
 * @internal
 */
export function signsInSteps(
  recent: readonly StepInfo[],
  firstNorms: StepInfo['gradientNorms'],
): Omit<CollapseWarning, 'step'>[] {
  const signs: Omit<CollapseWarning, 'step'>[] = [];
  const norms = typicalNorms(recent);
  const [real, fake] = [
    mean(recent.map(({ metrics }) => metrics['accuracy/real'])),
    mean(recent.map(({ metrics }) => metrics['accuracy/fake'])),
  ];
  const quiet = norms.discriminator < 10 * vanished * firstNorms.discriminator;
  if (Math.min(real, fake) >= sureShare && quiet) {
    signs.push({
      kind: 'saturatedDiscriminator',
      message:
        `the discriminator was right on ${percent(real)} of the real samples and ${percent(fake)} of the fake samples, and its ` +
        `gradient fell to ${portion(norms.discriminator, firstNorms.discriminator)} of its initial norm: the generator ` +
        'no longer learns from it. Give the discriminator a lower learning rate or fewer updates, smooth its ' +
        'labels, or limit its gradient norm with a gradient penalty',
    });
  }
  if (norms.generator < vanished * firstNorms.generator) {
    signs.push({
      kind: 'vanishingGradient',
      message:
        `the generator's gradient fell to ${portion(norms.generator, firstNorms.generator)} of its norm at the beginning of training: ` +
        'it no longer learns. Use a loss that does not saturate (BceLoss, HingeLoss, WassersteinLoss with a gradient ' +
        'penalty), or a weaker discriminator',
    });
  }
  return signs;
}

/** @internal */
export function signInDiversity(share: number): Omit<CollapseWarning, 'step'> | undefined {
  if (!(share < same)) return undefined;
  return {
    kind: 'lostDiversity',
    message:
      `samples of the generator vary ${percent(share)} as much as real ones: it outputs nearly the same for all ` +
      'latents. Go back to an earlier checkpoint, with a lower learning rate; minibatch standard deviation, a gradient ' +
      'penalty, or more discriminator updates in a step keep samples apart',
  };
}

/**
 * Whether the discriminator was below chance in the steps since the last check. That alone is
 * harmless: if samples are as good as real ones, it guesses.
 *
 * @internal
 */
export function isGuessing(recent: readonly StepInfo[]): boolean {
  const judged = recent.map(
    ({ metrics }) => (metrics['accuracy/real'] + metrics['accuracy/fake']) / 2,
  );
  return mean(judged) < chance;
}

/**
 * Warns of a discriminator that guesses although samples differ from real ones.
 *
 * @param share - The result of `nearestNeighborAccuracy`.
 *
 * @internal
 */
export function signInSight(share: number): Omit<CollapseWarning, 'step'> | undefined {
  if (!(share >= apart)) return undefined;
  return {
    kind: 'belowChanceDiscriminator',
    message:
      'the discriminator was below chance, while a nearest-neighbor classifier separates ' +
      `${percent(share)} of fake and real samples: the generator cannot learn from it. Give it a higher learning rate or ` +
      'more updates in a step, the generator a lower rate, or a penalty less weight',
  };
}

/** The networks' typical gradient norms at the beginning of training. @internal */
export function normsAtFirst(steps: readonly StepInfo[]): StepInfo['gradientNorms'] {
  return typicalNorms(steps.slice(0, beginningSteps));
}

/** Medians, because gradient norms of a GAN have outliers. */
function typicalNorms(steps: readonly StepInfo[]): StepInfo['gradientNorms'] {
  return {
    discriminator: median(steps.map(({ gradientNorms }) => gradientNorms.discriminator)),
    generator: median(steps.map(({ gradientNorms }) => gradientNorms.generator)),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function portion(part: number, whole: number): string {
  return percent(part / whole);
}
