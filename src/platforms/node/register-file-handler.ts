import * as tf from '@tensorflow/tfjs';
import { isFileAddress } from '../../core/address.ts';
import { fileHandler } from './file-handler.ts';

/**
 * Importing this file lets tfjs save to and load from `file://` addresses, unless tfjs-node already
 * does.
 */

const example = 'file://model';

type Look = (url: string) => readonly unknown[];

/**
 * A router that defers to others. tfjs refuses an address that two handlers accept, and tfjs-node
 * registers its own, before or after ours.
 */
function yielding(others: Look): (url: string | string[]) => tf.io.IOHandler {
  let asking = false;
  return (url) => {
    // The types of tfjs omit that a router returns null for other addresses.
    const none = null as unknown as tf.io.IOHandler;
    if (asking || typeof url !== 'string' || !isFileAddress(url)) return none;
    asking = true;
    try {
      return others(url).length > 0 ? none : fileHandler(url);
    } finally {
      asking = false;
    }
  };
}

const look: { readonly save: Look; readonly load: Look } = {
  save: (url) => tf.io.getSaveHandlers(url),
  load: (url) => tf.io.getLoadHandlers(url),
};
if (look.save(example).length === 0) tf.io.registerSaveRouter(yielding(look.save));
if (look.load(example).length === 0) tf.io.registerLoadRouter(yielding(look.load));
