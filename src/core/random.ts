import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';

/**
 * A seeded source of random numbers whose state can be read and restored.
 *
 * All random numbers of this library come from such sources. They are computed in JavaScript in
 * double precision, so they are the same on every backend.
 *
 * @example The same state gives the same numbers
 * ```ts
 * const random = new Random(42);
 * const state = random.state;
 * const first = random.uniform();
 * console.log(Random.fromState(state).uniform() === first); // true
 * ```
 */
export class Random {
  #generator: JumpableRandomGenerator;

  /** @param seed - Any integer; equal seeds give equal numbers. */
  constructor(seed: number) {
    // xoroshiro is weak right after a small seed; hashing spreads similar seeds over all its bits.
    this.#generator = xoroshiro128plus(hash32(seed >>> 0));
  }

  /**
   * Creates a source from a saved state.
   *
   * @param state - The value of {@link Random.state}.
   * @returns The source.
   */
  static fromState(state: readonly number[]): Random {
    const random = new Random(0);
    random.state = state;
    return random;
  }

  /** The current state. */
  get state(): readonly number[] {
    return [...this.#generator.getState()];
  }

  /** Sets the state. */
  set state(state: readonly number[]) {
    this.#generator = xoroshiro128plusFromState([...state]);
  }

  /**
   * One number, uniform in [0, 1).
   *
   * @returns The number, a multiple of 2⁻⁵³.
   */
  uniform(): number {
    const high = this.#generator.next() >>> 5;
    const low = this.#generator.next() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /**
   * One integer, uniform in 0 … bound − 1.
   *
   * @param bound - A positive integer up to 2³².
   * @returns The integer.
   */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /**
   * Values from the standard normal distribution.
   *
   * @param count - How many.
   * @returns The values, by the Box–Muller transform.
   */
  normalArray(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      const angle = 2 * Math.PI * this.uniform();
      values[i] = radius * Math.cos(angle);
      if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
    }
    return values;
  }

  /**
   * Values uniform in [low, high).
   *
   * @param count - How many.
   * @param low - The lower bound.
   * @param high - The upper bound.
   * @returns The values.
   */
  uniformArray(count: number, low: number, high: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i += 1) values[i] = low + (high - low) * this.uniform();
    return values;
  }

  /**
   * The integers 0 … count − 1 in random order.
   *
   * @param count - How many.
   * @returns The order, by the Fisher–Yates shuffle.
   */
  permutation(count: number): Uint32Array {
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i += 1) order[i] = i;
    for (let i = count - 1; i > 0; i -= 1) {
      const j = this.integer(i + 1);
      const held = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = held;
    }
    return order;
  }
}

/**
 * Derives a seed for a named purpose, so that enabling one random part does not change the numbers
 * of another.
 *
 * @internal
 */
export function deriveSeed(seed: number, ...purpose: readonly (string | number)[]): number {
  let hash = hash32(seed >>> 0);
  for (const word of purpose) {
    for (const letter of String(word))
      hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
    hash = hash32(hash);
  }
  return hash >>> 0;
}

/** The finalizer of MurmurHash3: every input bit reaches every output bit. */
function hash32(value: number): number {
  let hash = Math.imul(value ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/**
 * Derives a seed for the initial weights of a layer. TensorFlow.js takes a seed of 0 as none and
 * falls back to Math.random.
 *
 * @internal
 */
export function layerSeed(seed: number, ...purpose: readonly (string | number)[]): number {
  return deriveSeed(seed, ...purpose) || 1;
}
