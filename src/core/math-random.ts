import type { Random } from './random.ts';

/**
 * Runs a function with `Math.random` drawn from a seeded source, and restores it afterwards.
 *
 * Layers such as dropout and Gaussian noise take their seed from `Math.random` at each call, and
 * TensorFlow.js has no other way to seed each call. The replacement lasts for one synchronous call,
 * so no other code can see it.
 *
 * @param action - The caller's action, for the error message, such as `train`.
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
 * The same, until the returned function is called.
 *
 * @returns A function that restores `Math.random`.
 *
 * @internal
 */
export function seedMathRandom(action: string, random: Random): () => void {
  const draw = (): number => random.uniform();
  const math = Math;
  const original = math.random;
  if (Reflect.set(math, 'random', draw)) return () => Reflect.set(math, 'random', original);
  // Hardened JavaScript freezes Math, but the global variable stays writable: it is set to an
  // object that inherits from Math.
  const standIn: unknown = Object.create(math, { random: { value: draw } });
  if (Reflect.set(globalThis, 'Math', standIn)) return () => Reflect.set(globalThis, 'Math', math);
  throw new TypeError(
    `Cannot ${action}: Math.random must be replaceable during a step, because layers such as dropout take their seeds ` +
      'from it, got a frozen Math in a globalThis whose Math is read-only. Leave globalThis.Math writable',
  );
}
