import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import type { Generator } from '../../models/generator.ts';
import { TableGenerator } from '../../models/table/table-generator.ts';
import { fileHandler } from '../../platforms/node/file-handler.ts';
import { hasSettings, readSettings } from '../training/run-folder.ts';
import type { RunSettings } from '../training/run-settings.ts';
import type { Output } from '../output.ts';
import { type BackendSettings, startBackend } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { modelFolder } from './model-folder.ts';

/** A generator that a user named, and the run that it is from, if it is in one. */
export interface OpenedModel {
  readonly generator: Generator | TableGenerator;
  /** Its name in messages and files. */
  readonly name: string;
  /** The folder of the run and its settings. */
  readonly run: { readonly folder: string; readonly settings: RunSettings } | undefined;
}

/**
 * Starts the backend, and loads the generator of a run folder, of a folder with `model.json`, or of
 * an address: TensorFlow.js keeps weights on the backend that they are loaded on, `cpu` before
 * another one is chosen.
 *
 * @throws UsageError if there is none; the backend is not started then.
 */
export async function openModel(
  action: string,
  operand: string,
  backend: BackendSettings,
  output: Output,
): Promise<OpenedModel> {
  const load = async (from: string | tf.io.IOHandler): Promise<OpenedModel['generator']> => {
    await startBackend(backend, output);
    return TableGenerator.loadAny(from);
  };
  if (/^https?:/i.test(operand))
    return { generator: await load(operand), name: nameOfAddress(operand), run: undefined };
  if (await hasSettings(operand)) {
    const settings = await readSettings(action, operand);
    const model = join(operand, 'generator');
    if (!existsSync(join(model, 'model.json'))) {
      throw new Error(
        `Cannot ${action}: the run '${operand}' must have saved a generator, got none yet. A run saves it every minute`,
      );
    }
    const run = { folder: operand, settings };
    return {
      generator: await load(fileHandler(model)),
      name: basename(resolve(operand)),
      run,
    };
  }
  const folder = modelFolder(operand);
  if (folder === undefined) {
    throw new UsageError(
      `Cannot ${action}: MODEL must be the folder of a run, a folder with model.json or its address, got '${operand.slice(0, 80)}'`,
    );
  }
  return {
    generator: await load(fileHandler(folder)),
    name: basename(resolve(operand.replace(/model\.json$/, ''))),
    run: undefined,
  };
}

/** The last folder of an address: the name of a file, which the whole address cannot be. */
function nameOfAddress(address: string): string {
  const parts = address
    .replace(/[?#].*$/, '')
    .split('/')
    .slice(3);
  return parts.filter((part) => part !== '' && !part.endsWith('.json')).at(-1) ?? 'model';
}

/** Refuses a generator of a table. */
export function samplesOf(action: string, { generator, name }: OpenedModel): Generator {
  if (!(generator instanceof TableGenerator)) return generator;
  generator.dispose();
  throw new UsageError(
    `Cannot ${action}: MODEL must generate pictures or arrays, got '${name}', which generates rows of a table`,
  );
}
