import type { StepInfo } from '../step-info.ts';

/**
 * What {@link collapseAlarm} has seen.
 *
 * @example End the run for one kind of sign, print the others
 * ```ts
 * const onWarning = ({ kind, step, message }: CollapseWarning, run: TrainRun): void => {
 *   console.error(`step ${step}: ${message}`);
 *   if (kind === 'lostDiversity') run.stop();
 * };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [collapseAlarm({ onWarning })] });
 * ```
 */
export interface CollapseWarning {
  /** Which of the signs it is. */
  readonly kind:
    'saturatedDiscriminator' | 'vanishingGradient' | 'lostDiversity' | 'belowChanceDiscriminator';
  /** Number of the step at which it was seen. */
  readonly step: number;
  /** What was seen, and what to try. */
  readonly message: string;
}

/** Steps from one look to the next, where nothing else is asked for. @internal */
export const stepsOfALook = 100;

/** How many looks in a row must show a sign, where nothing else is asked for. @internal */
export const looksInARow = 2;

/** Steps of the trainer's life that gradients are compared with. */
const beginningSteps = 10;

/** The discriminator is never wrong any more. */
const sureShare = 0.998;

/** The discriminator is right less often than by chance. */
const chance = 0.5;

/** Nearly every sample and every real one has its nearest neighbor among its own. */
const apart = 0.98;

/** The generator's gradient is so small a part of what it was. */
const vanished = 1e-3;

/** Fakes vary by so small a part of what real samples vary by. */
const same = 0.05;

/**
 * Looks at the steps since the last look.
 *
 * Saturation alone is no harm: early on, and with a loss that teaches on, every discriminator is sure for a while. So it
 * takes a discriminator that is always right, in each of the steps, and whose own gradient has died with that: nothing
 * is left to learn for either network.
 *
 * @param recent - Those steps.
 * @param firstNorms - The networks' typical gradient norms when training began.
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
        `the discriminator was right on ${percent(real)} of the real samples and ${percent(fake)} of the fakes, and its ` +
        `gradient fell to ${portion(norms.discriminator, firstNorms.discriminator)} of what it was: the generator ` +
        'learns nothing from it any more. Give the discriminator a lower learning rate or fewer updates, smooth its ' +
        'labels, or hold its slope with a gradient penalty',
    });
  }
  if (norms.generator < vanished * firstNorms.generator) {
    signs.push({
      kind: 'vanishingGradient',
      message:
        `the generator's gradient fell to ${portion(norms.generator, firstNorms.generator)} of what it was when training ` +
        'began: it stands still. Use a loss that does not saturate (BceLoss, HingeLoss, WassersteinLoss with a gradient ' +
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
      `samples of the generator vary ${percent(share)} as much as real ones: it makes nearly the same whatever the ` +
      'latents. Go back to an earlier checkpoint, with a lower learning rate; minibatch standard deviation, a gradient ' +
      'penalty, or more discriminator updates in a step keep samples apart',
  };
}

/**
 * Whether the discriminator was right less often than by chance in the steps since the last look. That alone is no harm: where samples
 * are as good as real, it guesses.
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
 * A discriminator that guesses though samples and real ones lie apart.
 *
 * @param share - What `nearestNeighborAccuracy` says.
 *
 * @internal
 */
export function signInSight(share: number): Omit<CollapseWarning, 'step'> | undefined {
  if (!(share >= apart)) return undefined;
  return {
    kind: 'belowChanceDiscriminator',
    message:
      'the discriminator was right less often than by chance, while the nearest neighbor alone tells ' +
      `${percent(share)} of samples and real ones apart: it has nothing to teach. Give it a higher learning rate or ` +
      'more updates in a step, the generator a lower rate, or a penalty less weight',
  };
}

/** The networks' typical gradient norms when training began. @internal */
export function normsAtFirst(steps: readonly StepInfo[]): StepInfo['gradientNorms'] {
  return typicalNorms(steps.slice(0, beginningSteps));
}

/** Medians, since the gradient of a GAN leaps. */
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
