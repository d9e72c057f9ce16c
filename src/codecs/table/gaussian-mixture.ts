import { digamma, logGamma } from './digamma.ts';

/** One component of a mixture. @internal */
export interface MixtureComponent {
  readonly weight: number;
  readonly mean: number;
  readonly deviation: number;
}

/** Numbers, and how often each comes. @internal */
export interface CountedNumbers {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** Settings of {@link fitMixture}; those of scikit-learn's `BayesianGaussianMixture`. */
interface MixtureSettings {
  readonly components: number;
  /** Concentration γ of the Dirichlet process: the smaller, the fewer components have weight. */
  readonly concentration: number;
  /** The fit ends when the lower bound rises by less. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** As CTGAN fits a column. */
const ctganSettings: MixtureSettings = {
  components: 10,
  concentration: 1e-3,
  tolerance: 1e-3,
  maxIterations: 100,
};

/** What is added to each variance, so that none is 0. */
const ridge = 1e-6;

const smallest = 10 * Number.EPSILON;

/**
 * Fits a mixture of Gaussians to numbers by variational inference under a Dirichlet process, which
 * leaves unneeded components without weight.
 *
 * It starts from Lloyd's clusters of equal quantiles, so it draws no random numbers. Numbers should
 * have about mean 0 and deviation 1, as the ridge of variances is absolute.
 *
 * @param numbers - Finite numbers, at least one, and how often each comes.
 * @param initial - The component of each number to start from; clusters if left out.
 * @returns Every component, those without weight too; weights sum to 1.
 *
 * @see Blei & Jordan, Variational Inference for Dirichlet Process Mixtures, 2006; Bishop, Pattern
 * Recognition and Machine Learning, 2006, section 10.2.
 *
 * @internal
 */
export function fitMixture(
  numbers: CountedNumbers,
  initial: ArrayLike<number> = clusters(numbers, ctganSettings.components),
  settings: MixtureSettings = ctganSettings,
): readonly MixtureComponent[] {
  const prior = priorOf(numbers);
  const { values } = numbers;
  const shares = new Float64Array(values.length * settings.components);
  for (let i = 0; i < values.length; i += 1) shares[i * settings.components + initial[i]!] = 1;
  let posterior = maximize(numbers, shares, prior, settings);
  let bound = -Infinity;
  for (let i = 0; i < settings.maxIterations; i += 1) {
    const entropy = expect(numbers, shares, posterior);
    posterior = maximize(numbers, shares, prior, settings);
    const next = lowerBound(posterior, entropy);
    const hasConverged = Math.abs(next - bound) < settings.tolerance;
    bound = next;
    if (hasConverged) break;
  }
  const weights = stickWeights(posterior);
  return posterior.map(({ mean, variance }, k) => ({
    weight: weights[k]!,
    mean,
    deviation: Math.sqrt(variance),
  }));
}

interface Prior {
  readonly mean: number;
  readonly variance: number;
}

/**
 * The posterior of one component: beta of its stick, normal of its mean, Wishart of its precision.
 */
interface Posterior {
  readonly stick: readonly [a: number, b: number];
  readonly mean: number;
  /** κ: how sure the mean is, in rows. */
  readonly meanPrecision: number;
  /** ν of the Wishart distribution. */
  readonly freedom: number;
  readonly variance: number;
}

function priorOf({ values, counts }: CountedNumbers): Prior {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const mean = values.reduce((sum, value, i) => sum + counts[i]! * value, 0) / rows;
  const squares = values.reduce((sum, value, i) => sum + counts[i]! * (value - mean) ** 2, 0);
  return { mean, variance: Math.max(squares / Math.max(rows - 1, 1), ridge) };
}

/** The M step: the posterior of each component from the shares that it has in the numbers. */
function maximize(
  { values, counts: rows }: CountedNumbers,
  shares: Float64Array,
  prior: Prior,
  { components, concentration }: MixtureSettings,
): readonly Posterior[] {
  const [counts, sums, squares] = [0, 1, 2].map(() => new Float64Array(components)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0, at = 0; i < values.length; i += 1) {
    for (let k = 0; k < components; k += 1, at += 1) {
      const share = rows[i]! * shares[at]!;
      counts[k]! += share;
      sums[k]! += share * values[i]!;
    }
  }
  for (let k = 0; k < components; k += 1) counts[k]! += smallest;
  const means = sums.map((sum, k) => sum / counts[k]!);
  for (let i = 0, at = 0; i < values.length; i += 1) {
    for (let k = 0; k < components; k += 1, at += 1) {
      squares[k]! += rows[i]! * shares[at]! * (values[i]! - means[k]!) ** 2;
    }
  }
  let later = counts.reduce((sum, count) => sum + count, 0);
  return Array.from(counts, (count, k) => {
    later -= count;
    const [meanPrecision, freedom] = [1 + count, 1 + count];
    const spread = count * (squares[k]! / count + ridge);
    const shift = (count / meanPrecision) * (means[k]! - prior.mean) ** 2;
    return {
      stick: [1 + count, concentration + (k === components - 1 ? 0 : Math.max(later, 0))],
      mean: (prior.mean + count * means[k]!) / meanPrecision,
      meanPrecision,
      freedom,
      variance: (prior.variance + spread + shift) / freedom,
    };
  });
}

/** The E step: the share of each component in each number. Returns Σ r·log r. */
function expect(
  { values, counts }: CountedNumbers,
  shares: Float64Array,
  posterior: readonly Posterior[],
): number {
  const components = posterior.length;
  const offsets = logOffsets(posterior);
  let entropy = 0;
  for (let i = 0, at = 0; i < values.length; i += 1, at += components) {
    let highest = -Infinity;
    for (let k = 0; k < components; k += 1) {
      const { mean, variance } = posterior[k]!;
      const log = offsets[k]! - (0.5 * (values[i]! - mean) ** 2) / variance;
      shares[at + k] = log;
      if (log > highest) highest = log;
    }
    let sum = 0;
    for (let k = 0; k < components; k += 1) sum += Math.exp(shares[at + k]! - highest);
    const total = highest + Math.log(sum);
    for (let k = 0; k < components; k += 1) {
      const log = shares[at + k]! - total;
      const share = Math.exp(log);
      if (share > 0) entropy += counts[i]! * share * log;
      shares[at + k] = share;
    }
  }
  return entropy;
}

/** E[log weight] + E[log density] of each component without the part that depends on the number. */
function logOffsets(posterior: readonly Posterior[]): readonly number[] {
  let before = 0;
  return posterior.map(({ stick: [a, b], variance, freedom, meanPrecision }) => {
    const total = digamma(a + b);
    const weight = digamma(a) - total + before;
    before += digamma(b) - total;
    const logPrecision = Math.log(2) + digamma(0.5 * freedom);
    const density = -0.5 * (Math.log(2 * Math.PI) + Math.log(variance) + Math.log(freedom));
    return weight + density + 0.5 * (logPrecision - 1 / meanPrecision);
  });
}

/** The evidence lower bound, without constants. */
function lowerBound(posterior: readonly Posterior[], entropy: number): number {
  return posterior.reduce((bound, { stick: [a, b], variance, freedom, meanPrecision }) => {
    const logRoot = -0.5 * Math.log(variance) - 0.5 * Math.log(freedom);
    const wishart = -(freedom * logRoot + freedom * 0.5 * Math.log(2) + logGamma(0.5 * freedom));
    const beta = logGamma(a) + logGamma(b) - logGamma(a + b);
    return bound - wishart + beta - 0.5 * Math.log(meanPrecision);
  }, -entropy);
}

function stickWeights(posterior: readonly Posterior[]): readonly number[] {
  let left = 1;
  const weights = posterior.map(({ stick: [a, b] }) => {
    const weight = (left * a) / (a + b);
    left *= b / (a + b);
    return weight;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Lloyd's algorithm in one dimension from equal quantiles; the cluster of each number. */
function clusters({ values, counts }: CountedNumbers, count: number): Uint8Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  let centers = quantiles({ values, counts }, order, count);
  const places = new Uint8Array(values.length);
  for (let i = 0; i < 20; i += 1) {
    const sums = new Float64Array(count);
    const rows = new Float64Array(count);
    let nearest = 0;
    for (const index of order) {
      const value = values[index]!;
      const distance = (k: number): number => Math.abs(centers[k]! - value);
      while (nearest < count - 1 && distance(nearest + 1) <= distance(nearest)) nearest += 1;
      places[index] = nearest;
      sums[nearest]! += counts[index]! * value;
      rows[nearest]! += counts[index]!;
    }
    // A center of no number stays, between those beside it.
    centers = centers.map((center, k) => (rows[k]! > 0 ? sums[k]! / rows[k]! : center));
  }
  return places;
}

/** The numbers in the middle of parts with equally many rows. */
function quantiles(
  { values, counts }: CountedNumbers,
  order: readonly number[],
  parts: number,
): readonly number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  let [at, passed] = [0, counts[order[0]!]!];
  return Array.from({ length: parts }, (_, k) => {
    while (passed <= ((k + 0.5) * rows) / parts && at < order.length - 1) {
      at += 1;
      passed += counts[order[at]!]!;
    }
    return values[order[at]!]!;
  });
}
