import * as tf from '@tensorflow/tfjs';
import { isFileAddress, isUrl, textOfUrl } from '../core/address.ts';
import { formatValue } from '../core/format.ts';
import { httpModel } from './http-model.ts';

/** Where a generator is saved to or loaded from. @internal */
export interface ModelPlace {
  readonly handler: tf.io.IOHandler;
  /** What messages call it: an address or the names of files, in quotes. */
  readonly name: string;
}

/**
 * What saves to or loads from an address. Refuses one that nothing here can write or read: TensorFlow.js has its own words
 * for that, and no cure.
 *
 * @throws TypeError if it is no address; RangeError if it is a `file:` URL that names no path; Error if it has no handler.
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
  // What has no handler is fetched, in a page also by an address without a scheme.
  const isFetched =
    /^https?:/i.test(address) ||
    (handler === undefined && !isFile && (address.includes('://') || 'location' in globalThis));
  if (verb === 'load' && isFetched) return { handler: { load: () => httpModel(address) }, name };
  if (handler !== undefined && handlers.length === 1) return { handler, name };
  const refusal = `Cannot ${verb} a generator: its address must have a handler, got ${name} with`;
  if (handlers.length > 1) {
    throw new Error(`${refusal} ${handlers.length}. Pass the one of them that is meant`);
  }
  const cure = isFile
    ? "In Node, import 'tfjs-gan/node', which brings it; a page has indexeddb:// and downloads://"
    : `A folder is written as ${formatValue(`file://${address.replace(/^\.\//, '')}`)}, after importing 'tfjs-gan/node'`;
  throw new Error(`${refusal} none. ${cure}`);
}

/** The handlers of TensorFlow.js know what they read, though their types do not say so. */
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
