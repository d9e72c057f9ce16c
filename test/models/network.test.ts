import { describe, expect, test } from 'vitest';
import { mlpDiscriminator, mlpGenerator } from 'tfjs-gan';
import type { Network } from '../../src/models/network.ts';

describe('Network', () => {
  test('a generator takes latents of its distribution and returns samples', () => {
    using generator = mlpGenerator({ sampleShape: [2], latentDistribution: 'uniform' });
    const { inputs, outputs }: Network = generator;
    expect(inputs).toEqual({ latents: { kind: 'latents', distribution: 'uniform' } });
    expect(outputs).toEqual(['samples']);
  });

  test('a discriminator takes samples and returns logits', () => {
    using discriminator = mlpDiscriminator({ sampleShape: [2] });
    const { inputs, outputs }: Network = discriminator;
    expect(inputs).toEqual({ samples: { kind: 'tensor' } });
    expect(outputs).toEqual(['logits']);
  });

  test('names as many inputs and outputs as the model has', () => {
    using generator = mlpGenerator({ sampleShape: [2] });
    using discriminator = mlpDiscriminator({ sampleShape: [2] });
    for (const { model, inputs, outputs } of [generator, discriminator] as Network[]) {
      expect(Object.keys(inputs)).toHaveLength(model.inputs.length);
      expect(outputs).toHaveLength(model.outputs.length);
    }
  });
});
