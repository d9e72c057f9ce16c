import * as tf from '@tensorflow/tfjs';
import { fileHandler } from './file-handler.ts';

/** Importing this file makes tfjs save to and load from `file://` addresses, unless tfjs-node already does. */

const scheme = 'file://';

type Look = (url: string) => readonly unknown[];

/**
 * A router that gives way to others. tfjs refuses an address that two handlers want, and tfjs-node brings one of its
 * own, before or after ours.
 */
function yielding(others: Look): (url: string | string[]) => tf.io.IOHandler {
  let asking = false;
  return (url) => {
    // tfjs's own types leave out that a router answers null for what is not its.
    const none = null as unknown as tf.io.IOHandler;
    if (asking || typeof url !== 'string' || !url.startsWith(scheme)) return none;
    asking = true;
    try {
      return others(url).length > 0 ? none : fileHandler(pathOf(url));
    } finally {
      asking = false;
    }
  };
}

/** `file://model` is relative, `file:///models/a` is not; on Windows `file:///C:/models` has a slash too many. */
function pathOf(url: string): string {
  const path = url.slice(scheme.length);
  return process.platform === 'win32' ? path.replace(/^\/(?=[A-Za-z]:)/, '') : path;
}

const look: { readonly save: Look; readonly load: Look } = {
  save: (url) => tf.io.getSaveHandlers(url),
  load: (url) => tf.io.getLoadHandlers(url),
};
if (look.save(`${scheme}model`).length === 0) tf.io.registerSaveRouter(yielding(look.save));
if (look.load(`${scheme}model`).length === 0) tf.io.registerLoadRouter(yielding(look.load));
