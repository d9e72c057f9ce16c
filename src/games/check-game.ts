import * as tf from '@tensorflow/tfjs';
import { checkPart } from '../core/check-part.ts';
import { checkOneOf, checkOptions, checkPositiveInteger, isRecord } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { isOfBatch } from '../models/conditions.ts';
import { Generator } from '../models/generator.ts';
import { latentDistributions } from '../models/latents.ts';
import { checkModelAlive } from '../models/layers-model.ts';
import { modelWeights } from '../models/model-weights.ts';
import type { Network } from '../models/network.ts';
import { checkOptimizer } from '../optimizers/check-optimizer.ts';
import type { BatchSpec, Game } from './game.ts';

const action = 'create a Trainer';

/**
 * Refuses an invalid game: anything on which a step would fail, or which it would silently ignore.
 *
 * @throws TypeError if a part is of the wrong kind.
 * @throws RangeError if names, networks or turns do not fit each other.
 *
 * @internal
 */
export function checkGame(game: Game): void {
  const names = ['name', 'settings', 'networks', 'batch', 'turns', 'generators'];
  checkOptions(action, game, names, 'game');
  checkPart(action, 'game', game);
  const { networks, batch, turns, generators } = game;
  checkRecord('game.networks', networks, 'at least one network by name');
  checkRecord('game.batch', batch, 'the tensors of a batch by name, such as { samples: {} }');
  checkRecord('game.generators', generators, 'at least one generator by name');
  for (const [name, generator] of Object.entries(generators)) {
    if (generator instanceof Generator) continue;
    throw wrong(`game.generators.${name}`, 'a Generator', generator);
  }
  for (const name of Object.keys(networks)) checkNetwork(game, name);
  checkVariables(game);
  if (!Array.isArray(turns) || turns.length === 0) {
    throw wrong('game.turns', 'a list of at least one turn', turns);
  }
  turns.forEach((_, i) => {
    checkTurn(game, i);
  });
  checkUpdates(game);
}

/** The tensor of a batch that an input of a network requires. @internal */
export function tensorSpec({ model, inputs }: Network, name: string): BatchSpec[string] {
  const place = Object.keys(inputs).indexOf(name);
  const input = inputs[name];
  const shape = model.inputs[place]?.shape.slice(1);
  if (input?.kind !== 'condition' || input.classes === undefined) return { shape };
  return { shape: [], dtype: 'int32', classes: input.classes };
}

function checkNetwork(game: Game, name: string): void {
  const path = `game.networks.${name}`;
  const entry = game.networks[name];
  checkOptions(action, entry, ['network', 'optimizer', 'ema'], path);
  const { network, optimizer } = entry!;
  const { model, inputs, outputs } = (network ?? {}) as Partial<Network>;
  if (!(model instanceof tf.LayersModel) || !isRecord(inputs) || !Array.isArray(outputs)) {
    throw new TypeError(
      `Cannot ${action}: ${path}.network must be a Generator, a Discriminator or a model with names, ` +
        `{ model, inputs, outputs }, got ${formatValue(network)}`,
    );
  }
  checkModelAlive(action, `the ${name}`, model);
  if (network instanceof Generator) network.checkAlive(action, `the ${name}`);
  checkCount(`${path}.network.inputs`, Object.keys(inputs), model.inputs.length, 'input');
  checkCount(`${path}.network.outputs`, outputs, model.outputs.length, 'output');
  for (const [key, input] of Object.entries(inputs)) {
    const place = `${path}.network.inputs.${key}`;
    checkOneOf(action, `${place}.kind`, input.kind, ['latents', 'condition', 'tensor'] as const);
    if (input.kind === 'latents') {
      const distributions = [...latentDistributions, undefined];
      checkOneOf(action, `${place}.distribution`, input.distribution, distributions);
    }
    if (input.kind !== 'condition') continue;
    const priors = input.classes === undefined ? latentDistributions : (['uniform'] as const);
    const sources = input.categorical === undefined ? (['batch', ...priors] as const) : [];
    checkOneOf(action, `${place}.source`, input.source, [...sources, undefined]);
    if (input.classes !== undefined)
      checkPositiveInteger(action, `${place}.classes`, input.classes);
    if (!isOfBatch(input) || key in game.batch) continue;
    throw new RangeError(
      `Cannot ${action}: game.batch must declare '${key}', because the ${name} reads it from the batch, got ` +
        `${Object.keys(game.batch).map(formatValue).join(', ')}. Add ${key}: {}, or use another source for the input`,
    );
  }
  if (optimizer !== undefined) checkOptimizer(action, `${path}.optimizer`, optimizer);
  if (optimizer !== undefined || entry!.ema === undefined) return;
  throw new RangeError(
    `Cannot ${action}: ${path}.ema must be left out for a network without an optimizer, because its weights do not change`,
  );
}

function checkCount(path: string, names: readonly unknown[], count: number, kind: string): void {
  if (names.length !== count) {
    throw new RangeError(
      `Cannot ${action}: ${path} must name each ${kind} of the model, ${count} in all, got ${names.length}`,
    );
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined && names.every((name) => typeof name === 'string' && name !== '')) return;
  throw new RangeError(
    `Cannot ${action}: ${path} must be different names, got ${names.map(formatValue).join(', ')}`,
  );
}

/** Refuses two networks that share a variable: an update of one would change the other. */
function checkVariables({ networks }: Game): void {
  const holders = new Map<tf.Variable, string>();
  for (const [name, { network }] of Object.entries(networks)) {
    for (const weight of modelWeights(network.model)) {
      const variable = weight.read();
      const other = holders.get(variable);
      if (other !== undefined && other !== name) {
        throw new RangeError(
          `Cannot ${action}: networks must not share variables, got '${weight.key}' in '${other}' and in '${name}'. ` +
            'Combine them into one network with several outputs, or create separate layers',
        );
      }
      holders.set(variable, name);
    }
  }
}

function checkTurn(game: Game, i: number): void {
  const path = `game.turns[${i}]`;
  const turn = game.turns[i]!;
  const names = ['name', 'updates', 'times', 'batch', 'accumulate', 'when', 'terms'];
  checkOptions(action, turn, names, path);
  checkPart(action, path, turn);
  const { terms, when } = turn as unknown as Readonly<Record<'terms' | 'when', unknown>>;
  if (typeof terms !== 'function') throw wrong(`${path}.terms`, 'a function', terms);
  if (when !== undefined && typeof when !== 'function') {
    throw wrong(`${path}.when`, 'a function', when);
  }
  checkPositiveInteger(action, `${path}.times`, turn.times ?? 1);
  checkPositiveInteger(action, `${path}.accumulate`, turn.accumulate ?? 1);
  checkOneOf(action, `${path}.batch`, turn.batch, ['next', 'same', undefined] as const);
  if (i === 0 && turn.batch === 'same') {
    throw new RangeError(
      `Cannot ${action}: ${path}.batch must be 'next' in the first turn, because there is no earlier batch, got 'same'`,
    );
  }
  if (game.turns.findIndex(({ name }) => name === turn.name) !== i) {
    throw new RangeError(
      `Cannot ${action}: turns must have different names, got '${turn.name}' twice`,
    );
  }
  const updates = [turn.updates].flat() as readonly string[];
  if (updates.length === 0) throw wrong(`${path}.updates`, 'at least one network', turn.updates);
  for (const name of updates) {
    const entry = game.networks[name];
    if (entry?.optimizer !== undefined) continue;
    const trained = Object.entries(game.networks).filter(([, one]) => one.optimizer !== undefined);
    const known = trained.map(([one]) => formatValue(one)).join(', ') || 'none';
    const frozen = ', which is frozen. Add an optimizer in game.networks, or leave it out';
    throw new RangeError(
      `Cannot ${action}: ${path}.updates must name networks of the game that have an optimizer (${known}), ` +
        `got ${formatValue(name)}${entry === undefined ? '' : frozen}`,
    );
  }
  if (new Set(updates).size !== updates.length) {
    throw wrong(`${path}.updates`, 'different names', updates);
  }
}

/** Refuses an optimizer that is never used. */
function checkUpdates({ networks, turns }: Game): void {
  const updated = new Set(turns.flatMap(({ updates }) => updates));
  for (const [name, { optimizer }] of Object.entries(networks)) {
    if (optimizer === undefined || updated.has(name)) continue;
    throw new RangeError(
      `Cannot ${action}: a network with an optimizer must be updated by a turn, got '${name}', which none updates. ` +
        'Add it to updates of a turn, or leave its optimizer out to freeze it',
    );
  }
}

function checkRecord(path: string, given: unknown, wanted: string): void {
  if (isRecord(given) && Object.keys(given).length > 0) return;
  throw wrong(path, wanted, given);
}

function wrong(path: string, wanted: string, given: unknown): TypeError {
  return new TypeError(`Cannot ${action}: ${path} must be ${wanted}, got ${formatValue(given)}`);
}
