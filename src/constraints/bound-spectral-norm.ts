import * as tf from '@tensorflow/tfjs';
import { deriveSeed, Random } from '../core/random.ts';
import type { KernelMatrix } from '../models/kernel-matrix.ts';
import type { BoundConstraint } from './constraint.ts';

/** Exponent: the first power iteration of a weight is equivalent to 2 to this many iterations. */
const warmUpSquarings = 10;

/**
 * At the end of a step: how often the polynomial is applied to u, its degree, and the share of σ²
 * below which it does not amplify. A higher degree would overflow single precision if σ is far from
 * its true value.
 */
const filter = { passes: 4, degree: 8, floor: 0.98 };

/** @internal */
export interface BoundSpectralNormOptions {
  readonly powerIterations: number;
  readonly epsilon: number;
  readonly seed: number;
}

/** One constrained kernel; it is not changed while its layer is frozen. */
interface RuledKernel {
  readonly matrix: KernelMatrix;
  /** The layer's own variable, also while the layer computes with another tensor. */
  readonly variable: tf.Variable;
  /**
   * The tensor in the variable when this constraint last changed it. Another one was set from
   * outside.
   */
  standing: tf.DataId;
}

/**
 * Spectral normalization of one model.
 *
 * During a step, the learned weight W is in the model's variable; between steps it is in the state,
 * and the variable has W / σ. The power iteration follows each update, so that σ belongs to the
 * current weights in the next pass: of this network, of the other one, or, after a refinement at
 * the end of the step, of a saved model.
 *
 * @internal
 */
export class BoundSpectralNorm implements BoundConstraint {
  /** All kernels that may be constrained. */
  readonly #all: readonly RuledKernel[];
  /** Those that are trained now. */
  #kernels: readonly RuledKernel[] = [];
  readonly #options: BoundSpectralNormOptions;
  readonly #state = new Map<string, tf.Tensor>();
  #learning = false;

  constructor(kernels: readonly KernelMatrix[], options: BoundSpectralNormOptions) {
    this.#options = options;
    this.#all = kernels.map((matrix) => {
      const variable = matrix.weight.read();
      return { matrix, variable, standing: variable.dataId };
    });
    this.#takeWhatWasSet();
  }

  get state(): ReadonlyMap<string, tf.Tensor> {
    // Code that restores state between steps does it together with the current weights, including
    // those set from outside.
    if (!this.#learning) this.#takeWhatWasSet();
    return this.#state;
  }

  get overrides(): readonly string[] {
    return this.#all.map(({ matrix }) => matrix.weight.key);
  }

  setState(name: string, value: tf.Tensor): void {
    this.#put(name, () => value.clone());
    // Restored state belongs to the weights that the model has now.
    for (const kernel of this.#all) {
      if (nameOf(kernel, 'raw') === name) kernel.standing = kernel.variable.dataId;
    }
  }

  beforeStep(): void {
    this.#takeWhatWasSet();
    for (const kernel of this.#kernels) kernel.variable.assign(this.#get(kernel, 'raw'));
    this.#learning = true;
  }

  wrapForward<T>(pass: () => T): T {
    const returns: (() => void)[] = [];
    try {
      for (const kernel of this.#kernels) {
        returns.push(kernel.matrix.weight.override(this.#normalized(kernel)));
      }
      return pass();
    } finally {
      for (const giveBack of returns.reverse()) giveBack();
    }
  }

  afterUpdate(): void {
    for (const kernel of this.#kernels) this.#iterate(kernel, this.#options.powerIterations);
  }

  afterStep(): void {
    this.#learning = false;
    for (const kernel of this.#kernels) {
      const { variable } = kernel;
      this.#put(nameOf(kernel, 'raw'), () => variable.clone());
      this.#put(nameOf(kernel, 'u'), () => tf.tidy(() => this.#filtered(kernel)));
      this.#iterate(kernel, 1);
      tf.tidy(() => variable.assign(this.#normalized(kernel)));
      kernel.standing = variable.dataId;
    }
  }

  observe(): Readonly<Record<string, tf.Scalar>> {
    if (!this.#learning) this.#takeWhatWasSet();
    return Object.fromEntries(
      this.#kernels.map((kernel) => {
        const weight = this.#learning ? kernel.variable : this.#get(kernel, 'raw');
        return [kernel.matrix.weight.key, tf.tidy(() => this.#sigma(kernel, weight))];
      }),
    );
  }

  dispose(): void {
    tf.dispose([...this.#state.values()]);
    this.#state.clear();
  }

  /**
   * Initializes the state of each newly trained weight, and of each weight that was set from
   * outside since the last step.
   */
  #takeWhatWasSet(): void {
    this.#kernels = this.#all.filter(({ matrix }) => matrix.weight.trainable);
    for (const kernel of this.#kernels) {
      const { dataId } = kernel.variable;
      const isNew = !this.#state.has(nameOf(kernel, 'raw'));
      if (!isNew && dataId === kernel.standing) continue;
      if (isNew) this.#drawVectors(kernel);
      this.#begin(kernel);
      kernel.standing = dataId;
    }
  }

  #drawVectors(kernel: RuledKernel): void {
    const random = new Random(deriveSeed(this.#options.seed, kernel.matrix.weight.key));
    this.#put(nameOf(kernel, 'u'), () => randomUnit(random, kernel.matrix.columns));
    this.#put(nameOf(kernel, 'v'), () => randomUnit(random, kernel.matrix.rows));
  }

  /** Uses the current weight as the learned one. */
  #begin(kernel: RuledKernel): void {
    this.#put(nameOf(kernel, 'raw'), () => kernel.variable.clone());
    this.#put(nameOf(kernel, 'u'), () => tf.tidy(() => this.#warmedUp(kernel)));
    this.#iterate(kernel, 1);
  }

  /**
   * u after a Chebyshev polynomial of WᵀW, which grows steeply above `floor`·σ² and stays within ±1
   * below. With one power iteration per update, it takes many steps to notice that another singular
   * value has become the largest, because u has almost no component along its vector; 32 products
   * with WᵀW amplify that component as much as about a hundred iterations.
   */
  #filtered(kernel: RuledKernel): tf.Tensor {
    const matrix = kernel.matrix.toMatrix(kernel.variable);
    // With few columns, computing the matrix WᵀW once is cheaper than two products each time.
    const square = kernel.matrix.columns <= 128 ? tf.matMul(matrix, matrix, true) : undefined;
    let u = this.#get(kernel, 'u');
    for (let pass = 0; pass < filter.passes; pass += 1) {
      const floor = tf.mul(tf.sum(tf.square(tf.matMul(matrix, u))), filter.floor);
      const scale = tf.div(4, tf.maximum(floor, this.#options.epsilon));
      const scaled = square && tf.mul(square, scale);
      // Twice the argument 2·WᵀW / floor − 1 of the polynomial.
      const twice = (x: tf.Tensor): tf.Tensor => {
        const product =
          scaled === undefined
            ? tf.mul(tf.matMul(matrix, tf.matMul(matrix, x), true), scale)
            : tf.matMul(scaled, x);
        return tf.sub(product, tf.add(x, x));
      };
      let [before, now] = [u, tf.div(twice(u), 2)];
      for (let i = 1; i < filter.degree; i += 1) [before, now] = [now, tf.sub(twice(now), before)];
      u = this.#unit(now, u);
    }
    return u;
  }

  /**
   * u after a thousand power iterations: (WWᵀ)¹⁰²⁴u, the power by squaring ten times. The singular
   * values of a random matrix are so close together that a dozen iterations miss the largest by
   * some percent.
   */
  #warmedUp(kernel: RuledKernel): tf.Tensor {
    const matrix = kernel.matrix.toMatrix(kernel.variable);
    const wide = kernel.matrix.rows < kernel.matrix.columns;
    const u = this.#get(kernel, 'u');
    // The power is computed on the shorter side.
    const start = wide ? tf.matMul(matrix, u) : u;
    let power: tf.Tensor = wide
      ? tf.matMul(matrix, matrix, false, true)
      : tf.matMul(matrix, matrix, true);
    for (let i = 0; i < warmUpSquarings; i += 1) {
      const scaled = tf.div(power, tf.maximum(tf.norm(power), this.#options.epsilon));
      power = tf.matMul(scaled, scaled);
    }
    const turned = tf.matMul(power, start);
    return this.#unit(wide ? tf.matMul(matrix, turned, true) : turned, u);
  }

  #iterate(kernel: RuledKernel, times: number): void {
    const { u, v } = tf.tidy(() => {
      const matrix = kernel.matrix.toMatrix(kernel.variable);
      let [left, right] = [this.#get(kernel, 'u'), this.#get(kernel, 'v')];
      for (let i = 0; i < times; i += 1) {
        right = this.#unit(tf.matMul(matrix, left), right);
        left = this.#unit(tf.matMul(matrix, right, true), left);
      }
      return { u: left.clone(), v: right.clone() };
    });
    this.#put(nameOf(kernel, 'u'), () => u);
    this.#put(nameOf(kernel, 'v'), () => v);
  }

  /** The normalized vector; the previous one if it is zero. */
  #unit(vector: tf.Tensor, former: tf.Tensor): tf.Tensor {
    const { epsilon } = this.#options;
    const length = tf.sqrt(tf.sum(tf.square(vector)));
    const unit = tf.div(vector, tf.maximum(length, epsilon));
    return tf.where(tf.greater(length, epsilon), unit, former);
  }

  #normalized(kernel: RuledKernel): tf.Tensor {
    const sigma = this.#sigma(kernel, kernel.variable);
    return tf.div(kernel.variable, tf.add(sigma, oneWhereZero(sigma, this.#options.epsilon)));
  }

  /** uᵀWv, whose gradient with respect to W is uvᵀ. */
  #sigma(kernel: RuledKernel, weight: tf.Tensor): tf.Scalar {
    const matrix = kernel.matrix.toMatrix(weight);
    const stretched = tf.matMul(matrix, this.#get(kernel, 'u'));
    return tf.sum(tf.mul(stretched, this.#get(kernel, 'v'))).asScalar();
  }

  #get(kernel: RuledKernel, role: 'raw' | 'u' | 'v'): tf.Tensor {
    return this.#state.get(nameOf(kernel, role))!;
  }

  #put(name: string, make: () => tf.Tensor): void {
    const held = this.#state.get(name);
    this.#state.set(name, tf.keep(make()));
    held?.dispose();
  }
}

function nameOf(kernel: RuledKernel, role: 'raw' | 'u' | 'v'): string {
  return `${kernel.matrix.weight.key}#${role}`;
}

function randomUnit(random: Random, size: number): tf.Tensor {
  return tf.tidy(() => {
    const vector = tf.tensor2d(random.normalArray(size), [size, 1]);
    return tf.div(vector, tf.norm(vector));
  });
}

/**
 * 1 if a number is zero, otherwise 0, without a gradient: prevents division by zero for a kernel of
 * zeros.
 */
function oneWhereZero(value: tf.Tensor, epsilon: number): tf.Tensor {
  const step = tf.customGrad((x: unknown) => ({
    value: tf.cast(tf.lessEqual(x as tf.Tensor, epsilon), 'float32'),
    gradFunc: (slope: tf.Tensor) => tf.zerosLike(slope),
  }));
  return step(value);
}
