import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import recorded from '../golden/recipes.json' with { type: 'json' };
import { places, recordedSteps, recordRecipe } from '../support/record-recipe.ts';
import { recipes } from '../support/recipes.ts';

// Recorded with scripts/record-recipes.ts. Weights and losses are those of ea1e2f8. A change that moves one of them on purpose says so in its commit.
const records: Readonly<Record<string, Readonly<Record<string, object>>>> = recorded;

afterAll(async () => {
  await tf.setBackend('cpu');
  tf.removeBackend('wasm-train');
});

describe.each(Object.keys(places))('on %s', (place) => {
  beforeAll(() => places[place]!());

  test.each(Object.keys(recipes))(
    `%s: ${recordedSteps} steps give the recorded weights by the recorded kernels`,
    async (name) => {
      expect(await recordRecipe(recipes[name]!)).toEqual(records[place]?.[name]);
    },
  );
});

test('every recipe computes the same on one thread and on two', () => {
  expect(records['wasm-train, 2 threads']).toEqual(records['wasm-train, 1 thread']);
});
