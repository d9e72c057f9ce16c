import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../core/add-all.ts';
import { formatValue } from '../../core/format.ts';
import { messageOf } from '../../core/realms.ts';
import type { Tensors, Terms, Turn } from '../../games/game.ts';
import { globalNorm, runOptionalKernel } from '../../tfjs-internals/optional-kernels.ts';
import { computedFrom, differentiate, freeTape, outsideTape } from '../../tfjs-internals/tape.ts';
import { GamePass, type PassScene } from './game-pass.ts';
import type { LiveNetwork } from './live-network.ts';
import { checkTerm, KeptTerms, type LossTerm, regularizers } from './loss-term.ts';

/** The results of one update; the caller owns the tensors. @internal */
export interface TurnUpdate {
  readonly loss: tf.Scalar;
  /** The terms of the loss, by name. */
  readonly terms: Readonly<Record<string, tf.Scalar>>;
  /** Gradient norm of each updated network. */
  readonly gradientNorms: Readonly<Record<string, tf.Scalar>>;
  readonly metrics: Readonly<Record<string, tf.Scalar>>;
}

/** The context of a turn. @internal */
export interface TurnScene extends PassScene {
  readonly turn: Turn;
  /** Networks whose constraints are entered for the update; the updated ones come first. */
  readonly entered: readonly LiveNetwork[];
  /** Terms that are known to depend on the updated networks; the update adds to them. */
  readonly checkedTerms: Set<string>;
}

/** The result of one batch in an update. */
interface MicroUpdate {
  readonly loss: tf.Scalar;
  readonly terms: Readonly<Record<string, tf.Scalar>>;
  readonly metrics: Readonly<Record<string, tf.Scalar>>;
  readonly gradients: readonly (tf.Tensor | undefined)[];
  /** The penalties that were used, each with the network that it ran. */
  readonly used: GamePass['used'];
}

/**
 * Updates a turn's networks once, by the gradient of the sum of all terms and the models' own
 * regularizers.
 *
 * @param batches - One, or as many as the turn accumulates.
 *
 * @internal
 */
export function updateTurn(scene: TurnScene, batches: readonly Tensors<string>[]): TurnUpdate {
  return tf.tidy(() => {
    const updated = [...scene.updated].map((name) => scene.networks.get(name)!);
    const trained = updated.map((network) => network.trained('train'));
    for (const network of updated) network.constraints.beforeUpdate();
    const variables = trained.flat().map((weight) => weight.read());
    const micro = batches.map((batch) => gradientsOf(scene, updated, variables, batch));
    const gradients = variables.map((_, i) => meanGradient(micro.map((one) => one.gradients[i])));
    const { progress } = scene;
    let first = 0;
    const norms = updated.map((network, i) => {
      const own = gradients.slice(first, (first += trained[i]!.length));
      network.optimizer!.apply(own, progress, trained[i]);
      network.constraints.afterUpdate();
      return [network.name, own] as const;
    });
    const last = micro[micro.length - 1]!;
    scene.penalties.updateSlots(last.used, () => ({
      weights: updated.flatMap((network) => network.learned()),
      update: progress.update,
    }));
    const gradientNorms = Object.fromEntries(norms.map(([name, own]) => [name, norm(own)]));
    return { ...meanNumbers(micro), gradientNorms };
  });
}

function gradientsOf(
  scene: TurnScene,
  updated: readonly LiveNetwork[],
  variables: tf.Variable[],
  batch: Tensors<string>,
): MicroUpdate {
  const pass = new GamePass(scene, batch);
  const kept = new KeptTerms();
  const terms = underConstraints(scene, () => termsOf(scene, pass, variables));
  let own: { readonly error: unknown } | undefined;
  try {
    const { value, gradients } = differentiate(() => {
      try {
        return kept.sum([...terms(), ...regularizersOf(updated)]);
      } catch (error) {
        own = { error };
        throw error;
      }
    }, variables);
    if (!gradients.some((gradient) => gradient !== undefined)) {
      own = { error: independent(`the ${scene.turn.name} loss`, scene.updated) };
      throw own.error;
    }
    return {
      loss: value,
      terms: kept.byName(value),
      metrics: Object.fromEntries([...pass.metrics].map(([name, value]) => [name, value.clone()])),
      gradients,
      used: pass.used,
    };
  } catch (error) {
    freeTape();
    // Warnings of the terms or a network are theirs; the warning that is handled below is tfjs's.
    if (own !== undefined) throw own.error;
    throw whyNoGradient(scene, error);
  } finally {
    kept.dispose();
    pass.dispose();
  }
}

/**
 * Runs passes under the constraints of all networks involved. Networks that are not updated are
 * constants, so their constraints are computed outside the tape.
 */
function underConstraints<T>({ entered, updated }: TurnScene, passes: () => T): () => T {
  return entered.reduceRight<() => T>((inner, { name, constraints }) => {
    if (!constraints.wraps) return inner;
    if (updated.has(name)) return () => constraints.wrapForward(inner);
    return () => outsideTape((inside) => constraints.wrapForward(() => inside(inner)));
  }, passes);
}

function termsOf(
  { turn, checkedTerms, updated }: TurnScene,
  pass: GamePass,
  variables: readonly tf.Variable[],
): readonly LossTerm[] {
  const given: unknown = turn.terms(pass);
  if (typeof given !== 'object' || given === null || given instanceof tf.Tensor) {
    throw new TypeError(
      `Cannot train: terms of the turn '${turn.name}' must return scalars by name, got ${formatValue(given)}`,
    );
  }
  const due = Object.entries(given as Terms).filter(([, value]) => value !== undefined);
  const whatIs = (name: string): string =>
    due.length === 1 ? `the ${turn.name} loss` : `the ${turn.name} term '${name}'`;
  const terms = due.map(([name, value]) => ({ name, value: checkTerm(whatIs(name), value!) }));
  if (terms.length === 0) {
    throw new RangeError(
      `Cannot train: terms of the turn '${turn.name}' must return at least one term in each step, got none. ` +
        'To skip a step, define when(progress) in the turn',
    );
  }
  const fresh = terms.filter(({ name }) => !checkedTerms.has(name));
  if (fresh.length === 0) return terms;
  const found = computedFrom(
    variables,
    fresh.map(({ value }) => value),
  );
  const lost = fresh.find((_, i) => found[i] !== true);
  if (lost !== undefined) throw independent(whatIs(lost.name), updated);
  for (const { name } of fresh) checkedTerms.add(name);
  return terms;
}

/**
 * The mean over micro-batches; a gradient that is missing, because the loss does not depend on the
 * weight, counts as zero.
 */
function meanGradient(gradients: readonly (tf.Tensor | undefined)[]): tf.Tensor | undefined {
  const there = gradients.filter((gradient) => gradient !== undefined);
  if (gradients.length === 1 || there.length === 0) return there[0];
  return tf.div(addAll(there), gradients.length);
}

/** The regularization losses of the updated networks' layers, from their trained weights. */
function regularizersOf(updated: readonly LiveNetwork[]): readonly LossTerm[] {
  const losses = updated.flatMap((network) => network.regularizers());
  if (losses.length === 0) return [];
  return [{ name: regularizers, value: losses.reduce((sum, loss) => tf.add(sum, loss)) }];
}

/** The error for a term, or a whole loss, that no updated network affects. */
function independent(what: string, updated: ReadonlySet<string>): RangeError {
  return new RangeError(
    `Cannot train: ${what} must depend on the weights of the ${[...updated].join(' or the ')}, got one that does not. ` +
      'Compute it with TensorFlow.js operations from the outputs of the networks; report other numbers with pass.metric',
  );
}

function whyNoGradient({ turn, penalties }: TurnScene, error: unknown): Error {
  const said = messageOf(error);
  const { names } = penalties;
  // A penalty on a gradient requires second derivatives of every operation.
  const cure =
    names.length === 0
      ? ''
      : `${said.endsWith('.') ? '' : '.'} Its penalties are ${names.map(formatValue).join(', ')}: ` +
        'checkGradientPenalty(discriminator) names the layer';
  return new Error(
    `Cannot train: the gradient of the ${turn.name} loss must be computable, got the error: ${said}${cure}`,
    { cause: error },
  );
}

/** Euclidean norm of all gradients together. */
function norm(gradients: readonly (tf.Tensor | undefined)[]): tf.Scalar {
  const given = gradients.filter((gradient) => gradient !== undefined);
  // One call, if the backend has a kernel for it.
  const fused = runOptionalKernel(globalNorm, given as object as tf.NamedTensorMap);
  if (fused !== undefined) return fused as tf.Scalar;
  return tf.sqrt(addAll(given.map((gradient) => tf.sum(tf.square(gradient))))).asScalar();
}

/** The means of numbers over several updates, or over micro-batches of one. @internal */
export function meanNumbers(
  updates: readonly Omit<TurnUpdate, 'gradientNorms'>[],
): Omit<TurnUpdate, 'gradientNorms'> {
  const loss = mean(updates.map((update) => update.loss));
  const terms = meanScalars(
    updates.map((update) => update.terms),
    // A single term is the loss and need not be read twice.
    (name) => (updates.every((update) => update.terms[name] === update.loss) ? loss : undefined),
  );
  return { loss, terms, metrics: meanScalars(updates.map(({ metrics }) => metrics)) };
}

/**
 * Means by name, each over the records that have it.
 *
 * @param known - Returns a mean that is known already.
 *
 * @internal
 */
export function meanScalars(
  records: readonly Readonly<Record<string, tf.Scalar>>[],
  known: (name: string) => tf.Scalar | undefined = () => undefined,
): Readonly<Record<string, tf.Scalar>> {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return Object.fromEntries(
    names.map((name) => {
      const there = records.map((record) => record[name]).filter((value) => value !== undefined);
      return [name, known(name) ?? mean(there)] as const;
    }),
  );
}

/** A single value is its own mean, at no cost. */
function mean(scalars: readonly tf.Scalar[]): tf.Scalar {
  const [only] = scalars;
  if (scalars.length === 1 && only !== undefined) return only;
  return tf.div(addAll(scalars), scalars.length).asScalar();
}
