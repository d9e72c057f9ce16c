import { checkOneOf, checkSameShape } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { checkLoss as checkFunctions } from '../losses/check-loss.ts';
import type { Loss } from '../losses/loss.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import { checkHeadLogits, Discriminator } from '../models/discriminator.ts';
import { Generator } from '../models/generator.ts';
import type { NetworkInput } from '../models/network.ts';
import { transformedShape } from '../transforms/check-transforms.ts';
import type { Transform } from '../transforms/transform.ts';
import { headsOf } from './head-terms.ts';

type AnyDiscriminator = Discriminator<string, string>;

const action = 'create a Trainer';

/** Refuses networks that do not fit each other, and a loss that does not fit them. @internal */
export function checkAdversarialParts(parts: {
  readonly generator: Generator;
  readonly discriminator: AnyDiscriminator;
  readonly loss: Loss;
  readonly penalties: readonly Penalty[];
  readonly transforms: readonly Transform[];
}): void {
  checkNetworks(parts);
  checkConditions(parts.generator, parts.discriminator);
  checkLoss(parts.loss, parts.discriminator);
}

/** Refuses invalid or disposed networks, and networks that do not fit each other. */
function checkNetworks({
  generator,
  discriminator,
  penalties,
  transforms,
}: {
  readonly generator: Generator;
  readonly discriminator: AnyDiscriminator;
  readonly penalties: readonly Penalty[];
  readonly transforms: readonly Transform[];
}): void {
  if (!(generator instanceof Generator)) throw wrongNetwork('generator', 'Generator', generator);
  if (!(discriminator instanceof Discriminator)) {
    throw wrongNetwork('discriminator', 'Discriminator', discriminator);
  }
  generator.checkAlive(action, 'the Generator');
  discriminator.checkAlive(action, 'the Discriminator');
  const behind = transforms.length > 0 ? ', after the transforms,' : '';
  const names = `the generator's samples${behind} and the discriminator's input`;
  const shape = transformedShape(transforms, generator.outputShape);
  checkSameShape(action, names, shape, discriminator.inputShape);
  const packs = transforms.filter(({ rows = 1 }) => rows > 1);
  const [pack] = packs;
  if (pack === undefined) return;
  if (Object.values(generator.inputs).some(({ kind }) => kind === 'condition')) {
    throw new RangeError(
      `Cannot ${action}: the transform '${pack.name}' must be left out of a conditional GAN, because it joins samples with ` +
        `different conditions into one, got rows: ${pack.rows}`,
    );
  }
  const isAugmented = transforms.some(({ stage }) => stage === 'augment');
  if (!isAugmented || penalties.length === 0 || typeof pack.undo === 'function') return;
  throw new TypeError(
    `Cannot ${action}: the transform '${pack.name}' must have the function undo(rows) if there are penalties or augmentations, ` +
      'got none',
  );
}

/**
 * Refuses a condition of one network that the other neither receives nor predicts, and heads
 * without a condition.
 */
function checkConditions(generator: Generator, discriminator: AnyDiscriminator): void {
  const made = Object.entries(generator.inputs).flatMap(([name, input]) =>
    input.kind === 'condition' ? [{ name, input }] : [],
  );
  const names = made.map(({ name }) => name);
  const heads = headsOf(discriminator.outputs, generator.inputs);
  const given = Object.keys(discriminator.inputs).filter((name) => name !== 'samples');
  const strange = given.find((name) => !names.includes(name));
  if (strange !== undefined) {
    throw new RangeError(
      `Cannot ${action}: inputs of the discriminator must be samples and conditions of the generator ` +
        `(${names.join(', ') || 'none'}), got '${strange}'. Add an input '${strange}' to the generator`,
    );
  }
  const idle = discriminator.outputs.find(
    (output) => output !== 'logits' && !heads.some((head) => head.output === output),
  );
  if (idle !== undefined) {
    throw new RangeError(
      `Cannot ${action}: outputs of the discriminator must be logits and heads that predict a condition of the generator ` +
        `(${names.join(', ') || 'none'}; classes predicts labels), got '${idle}'`,
    );
  }
  for (const { name, input } of made) {
    const isGiven = given.includes(name);
    if (isGiven && input.categorical !== undefined) {
      throw new RangeError(
        `Cannot ${action}: inputs of the discriminator must not be codes, because real samples have none, got the input ` +
          `'${name}'. Let it predict them: outputs: ['logits', '${name}']`,
      );
    }
    if (isGiven || heads.some(({ condition }) => condition === name)) continue;
    const telling = `outputs: ['logits', '${name === 'labels' ? 'classes' : name}']`;
    const isCode = input.categorical !== undefined;
    throw new RangeError(
      `Cannot ${action}: the discriminator must receive or predict each condition of the generator, otherwise it learns nothing ` +
        `about it, got none for '${name}'. Create it with ` +
        (isCode ? telling : `inputs: ['samples', '${name}'], or with ${telling}`),
    );
  }
  for (const { output, input, condition } of heads)
    checkHead(discriminator, output, { input, condition, generator });
}

/** Refuses a head whose width differs from that of its condition. */
function checkHead(
  discriminator: AnyDiscriminator,
  output: string,
  of: { readonly input: NetworkInput; readonly condition: string; readonly generator: Generator },
): void {
  const { input, condition, generator } = of;
  const place = Object.keys(generator.inputs).indexOf(condition);
  const isLabels = input.kind === 'condition' && input.classes !== undefined;
  const row = isLabels ? [input.classes] : generator.model.inputs[place]!.shape.slice(1);
  const shape = discriminator.model.outputs[discriminator.outputs.indexOf(output)]!.shape;
  checkSameShape(action, `the head '${output}' and ${condition}`, shape.slice(1), row);
  const isCategorical = input.kind === 'condition' && (input.categorical?.length ?? 0) > 0;
  if (!isLabels && !isCategorical) return;
  checkHeadLogits(action, discriminator.model, discriminator.outputs, output);
}

/**
 * Refuses a loss that lacks a function or does not accept the discriminator's outputs.
 *
 * @internal
 */
export function checkLoss(loss: Loss, discriminator: AnyDiscriminator): void {
  checkFunctions(action, loss);
  for (const flag of ['usesRealLogits', 'multiLogit'] as const) {
    checkOneOf<boolean | undefined>(action, `loss.${flag}`, loss[flag], [true, false, undefined]);
  }
  // A parameter with a default, as in (fake, real = …), is not counted: it works without the real
  // logits.
  if (loss.generator.length > 1 && loss.usesRealLogits !== true) {
    throw new TypeError(
      `Cannot ${action}: loss.usesRealLogits must be true if generator(fake, real) uses the real logits, ` +
        `got ${String(loss.usesRealLogits)}. Set usesRealLogits: true, or use only fake`,
    );
  }
  const border = loss.decisionBoundary ?? 0;
  if (border !== 'midpoint' && !Number.isFinite(border)) {
    throw new TypeError(
      `Cannot ${action}: decisionBoundary of loss must be a finite number or 'midpoint', got ${formatValue(border)}`,
    );
  }
  const place = discriminator.outputs.indexOf('logits');
  const shape = discriminator.model.outputs[place]?.shape ?? [];
  // [batch] and [batch, …, 1] have one logit for each sample or patch.
  if (loss.multiLogit === true || shape.length < 2 || shape.at(-1) === 1) return;
  throw new RangeError(
    `Cannot ${action}: discriminator must return one logit for each sample or patch, got a model with ` +
      `the output shape ${formatShape(shape)}. Use units: 1 or filters: 1 in its last layer, without flatten after it; for a loss ` +
      'of several logits, set multiLogit: true',
  );
}

function wrongNetwork(role: string, kind: string, given: unknown): TypeError {
  const looksRight = typeof given === 'object' && given !== null && 'model' in given;
  const cure = looksRight
    ? 'It comes from another copy of tfjs-gan: import and require load separate copies, so use only one of them'
    : `Wrap a model: new ${kind}({ model })`;
  return new TypeError(
    `Cannot ${action}: ${role} must be a ${kind}, got ${formatValue(given)}. ${cure}`,
  );
}
