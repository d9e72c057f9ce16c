import type { Random } from './random.ts';

/**
 * Runs a function with `Math.random` drawn from a seeded source, and puts the old one back.
 *
 * Layers such as dropout and Gaussian noise take their seed from `Math.random` each time they run, and TensorFlow.js
 * has no other way to seed them afresh. The swap lasts for one synchronous call, so no other code can see it.
 *
 * @internal
 */
export function withSeededMathRandom<T>(random: Random, run: () => T): T {
  const original = Math.random;
  Math.random = (): number => random.uniform();
  try {
    return run();
  } finally {
    Math.random = original;
  }
}
