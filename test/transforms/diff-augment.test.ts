import * as tf from '@tensorflow/tfjs';
import { diffAugment, useBackend } from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import { transformContract } from '../contracts/transform-contract.ts';
import golden from '../golden/augmentations.json' with { type: 'json' };
import { type GoldenAugmentation, expectPyTorch } from './golden-augmentations.ts';

type Policy = NonNullable<NonNullable<Parameters<typeof diffAugment>[0]>['policy']>;
const cases = Object.entries(golden.diffAugment) as [
  string,
  GoldenAugmentation & { policy: Policy },
][];

transformContract(() => diffAugment());

describe('diffAugment', () => {
  describe.each(['cpu', 'wasm-train'] as const)('on %s', (backend) => {
    test.each(cases)('is the formula of the paper: %s', async (_, one) => {
      await useBackend(backend);
      tf.tidy(() => {
        expectPyTorch(diffAugment({ policy: one.policy }), one);
      });
      await useBackend('cpu');
    });
  });

  test.each([
    [{ policy: [] }, 'policy must have at least one entry and none twice, got []'],
    [{ policy: ['color', 'color'] }, "none twice, got ['color', 'color']"],
    [{ policy: ['flip'] }, "each entry of policy must be one of 'color', 'translation', 'cutout', got 'flip'"],
    [{ policy: 'color' }, "policy must be a list such as ['color'], got 'color'"],
    [{ policies: [] }, "options must have only the names policy, got 'policies'"],
  ])('refuses %j', (options, message) => {
    expect(() => diffAugment(options as Parameters<typeof diffAugment>[0])).toThrow(message);
  }); // prettier-ignore
});
