import type { Random } from './random.ts';

/**
 * Runs a function with `Math.random` drawn from a seeded source, and puts the old one back.
 *
 * Layers such as dropout and Gaussian noise take their seed from `Math.random` each time they run, and TensorFlow.js
 * has no other way to seed them afresh. The swap lasts for one synchronous call, so no other code can see it.
 *
 * @param action - What the caller does, for the error message, such as `train`.
 * @throws TypeError if neither `Math.random` nor the global `Math` can be replaced.
 *
 * @internal
 */
export function withSeededMathRandom<T>(action: string, random: Random, run: () => T): T {
  const putBack = seedMathRandom(action, random);
  try {
    return run();
  } finally {
    putBack();
  }
}

/**
 * The same until what it returns is called.
 *
 * @returns Puts the old one back.
 *
 * @internal
 */
export function seedMathRandom(action: string, random: Random): () => void {
  const draw = (): number => random.uniform();
  const math = Math;
  const original = math.random;
  if (Reflect.set(math, 'random', draw)) return () => Reflect.set(math, 'random', original);
  // Hardened JavaScript freezes Math, but leaves the global variable writable: an object that inherits from it will do.
  const standIn: unknown = Object.create(math, { random: { value: draw } });
  if (Reflect.set(globalThis, 'Math', standIn)) return () => Reflect.set(globalThis, 'Math', math);
  throw new TypeError(
    `Cannot ${action}: Math.random must be replaceable during a step, because layers such as dropout take their seeds ` +
      'from it, got a frozen Math in a globalThis whose Math is read-only. Leave globalThis.Math writable',
  );
}
