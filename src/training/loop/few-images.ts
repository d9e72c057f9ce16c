import type { Dataset } from '../../data/dataset.ts';
import type { Game } from '../../games/game.ts';

/** Below this, discriminators memorize images within minutes (docs/results/few-images.md). */
const fewImages = 1000;

/**
 * A run that shows each image less often has no time to memorize it. One that may have any number of
 * steps counts as long.
 */
const manyPasses = 50;

/**
 * Warns, once for a dataset, of a long run of an adversarial game on few images without transforms.
 *
 * @param samples - Number of real samples that the run is planned to use.
 * @param warned - Datasets already warned about; a further one is added.
 *
 * @internal
 */
export function warnAboutFewImages(
  dataset: Dataset,
  game: Game,
  samples: number,
  warned: WeakSet<Dataset>,
): void {
  const { name, size = Infinity, sampleShape } = dataset;
  const isPlain = game.name === 'adversarial' && !('transforms.order' in (game.settings ?? {}));
  if (!isPlain || sampleShape.length !== 3 || size >= fewImages) return;
  if (samples < manyPasses * size || warned.has(dataset)) return;
  warned.add(dataset);
  console.warn(
    `tfjs-gan: the dataset '${name}' has only ${size} images, which a discriminator memorizes. Augment them: ` +
      "transforms: [diffAugment({ policy: ['translation'] })]",
  );
}
