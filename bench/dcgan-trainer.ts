import {
  datasetFromArray,
  type Dataset,
  dcganDiscriminator,
  dcganGenerator,
  Trainer,
} from 'tfjs-gan';

/** A trainer of the tutorial's DCGAN on square images, as in the PyTorch peer, and one batch of random images. */
export function dcganTrainer({ baseFilters = 64, batch = 64, side = 28 }): {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
} {
  const imageShape = [side, side, 1] as const;
  const pixels = Uint8Array.from({ length: batch * side ** 2 }, (_, i) => (i * 31) % 256);
  const dataset = datasetFromArray(pixels, { sampleShape: imageShape });
  const generator = dcganGenerator({ imageShape, baseFilters });
  // The peer's discriminator has no batch norm either.
  const discriminator = dcganDiscriminator({ imageShape, baseFilters, normalization: 'none' });
  return { trainer: new Trainer({ generator, discriminator }), dataset };
}
