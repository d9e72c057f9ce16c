import * as tf from '@tensorflow/tfjs';
import { formatValue } from '../core/format.ts';

/** Folders, which only Node can write and read. */
const fileScheme = 'file://';

/**
 * Refuses an address that nothing here can write or read: TensorFlow.js has its own words for that, and no cure.
 *
 * @param asked - What was asked for: `save` or `load` a generator.
 * @throws TypeError where it is no address; Error where it has no handler.
 *
 * @internal
 */
export function checkModelAddress(asked: 'save' | 'load', address: unknown): void {
  if (typeof address === 'object' && address !== null) return;
  if (typeof address !== 'string') {
    throw new TypeError(
      `Cannot ${asked} a generator: its address must be a string or an IOHandler, got ${formatValue(address)}`,
    );
  }
  const { getSaveHandlers, getLoadHandlers } = tf.io;
  const handlers = asked === 'save' ? getSaveHandlers(address) : getLoadHandlers(address);
  if (handlers.length > 0) return;
  const isFile = address.startsWith(fileScheme);
  // What has no handler TensorFlow.js asks a server for, in a page also by an address without a scheme.
  const isFetched = address.includes('://') || 'location' in globalThis;
  if (asked === 'load' && !isFile && isFetched) return;
  const cure = isFile
    ? "In Node, import 'tfjs-gan/node', which brings it; a page has indexeddb:// and downloads://"
    : `A folder is written as ${formatValue(fileScheme + address.replace(/^\.\//, ''))}, after importing 'tfjs-gan/node'`;
  throw new Error(
    `Cannot ${asked} a generator: its address must have a handler, got ${formatValue(address)} with none. ${cure}`,
  );
}
