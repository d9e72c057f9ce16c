import * as tf from '@tensorflow/tfjs';
import { formatValue } from '../core/format.ts';

/** Folders, which only Node can write and read. */
const fileScheme = 'file://';

/**
 * Refuses an address that nothing here can write or read: TensorFlow.js has its own words for that, and no cure.
 *
 * @param asked - What was asked for: `save` or `load` a generator.
 * @throws Error where a `file://` address has no handler.
 *
 * @internal
 */
export function checkModelAddress(asked: 'save' | 'load', address: unknown): void {
  if (typeof address !== 'string' || !address.startsWith(fileScheme)) return;
  const { getSaveHandlers, getLoadHandlers } = tf.io;
  const handlers = asked === 'save' ? getSaveHandlers(address) : getLoadHandlers(address);
  if (handlers.length > 0) return;
  throw new Error(
    `Cannot ${asked} a generator: its address must have a handler, got ${formatValue(address)} with none. ` +
      "In Node, import 'tfjs-gan/node', which brings it; a page has indexeddb:// and downloads://",
  );
}
