import * as tf from '@tensorflow/tfjs';
import { isFileAddress, isUrl, textOfUrl } from '../core/address.ts';
import { formatValue } from '../core/format.ts';
import { httpModel } from './http-model.ts';

/** Where a generator is saved or loaded. @internal */
export interface ModelPlace {
  readonly handler: tf.io.IOHandler;
  /** Its name in messages: an address or the names of files, quoted. */
  readonly name: string;
}

/**
 * Finds the handler of an address. Refuses addresses without one: the errors of TensorFlow.js do
 * not name a cure.
 *
 * @throws TypeError if it is not an address; RangeError if it is a `file:` URL without a path;
 * Error if it has no handler.
 *
 * @internal
 */
export function modelPlace(verb: 'save' | 'load', address: unknown): ModelPlace {
  const action = `${verb} a generator`;
  if (isUrl(address)) return placeOf(verb, textOfUrl(action, address));
  if (typeof address === 'string') return placeOf(verb, address);
  if (typeof (address as tf.io.IOHandler | null)?.[verb] !== 'function') {
    throw new TypeError(
      `Cannot ${action}: its address must be a string, a URL or an IOHandler with ${verb}(), got ${formatValue(address)}`,
    );
  }
  const handler = address as tf.io.IOHandler;
  return { handler, name: nameOf(handler) };
}

function placeOf(verb: 'save' | 'load', address: string): ModelPlace {
  const { getSaveHandlers, getLoadHandlers } = tf.io;
  const handlers = verb === 'save' ? getSaveHandlers(address) : getLoadHandlers(address);
  const [handler] = handlers;
  const name = formatValue(address);
  const isFile = isFileAddress(address);
  // Addresses without a handler are fetched; in a page also those without a scheme.
  const isFetched =
    /^https?:/i.test(address) ||
    (handler === undefined && !isFile && (address.includes('://') || 'location' in globalThis));
  if (verb === 'load' && isFetched) return { handler: { load: () => httpModel(address) }, name };
  if (handler !== undefined && handlers.length === 1) return { handler, name };
  const refusal = `Cannot ${verb} a generator: its address must have a handler, got ${name} with`;
  if (handlers.length > 1) {
    throw new Error(`${refusal} ${handlers.length}. Pass the intended one`);
  }
  const cure = isFile
    ? "In Node, import 'tfjs-gan/node', which provides it; a page has indexeddb:// and downloads://"
    : `Write a folder as ${formatValue(`file://${address.replace(/^\.\//, '')}`)}, after importing 'tfjs-gan/node'`;
  throw new Error(`${refusal} none. ${cure}`);
}

/** The handlers of TensorFlow.js have these fields, although their types do not. */
function nameOf(handler: object): string {
  const { path, jsonFile, weightsFiles } = handler as {
    readonly path?: unknown;
    readonly jsonFile?: File;
    readonly weightsFiles?: readonly File[];
  };
  if (typeof path === 'string') return `'${path}'`;
  if (jsonFile === undefined) return 'the model of the IOHandler';
  return [jsonFile, ...(weightsFiles ?? [])].map((file) => `'${file.name}'`).join(', ');
}
