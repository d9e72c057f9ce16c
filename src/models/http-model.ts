import * as tf from '@tensorflow/tfjs';
import { isError } from '../core/realms.ts';
import { readModelFiles } from './model-files.ts';

/**
 * Loads a model from a server. Unlike TensorFlow.js, it checks the responses for weights.
 *
 * @param address - Address of `model.json`; in a page it may be relative. Its query is also used
 * for the weights.
 *
 * @internal
 */
export function httpModel(address: string): Promise<tf.io.ModelArtifacts> {
  const [, path = '', query = ''] = /^([^?#]*)(\?[^#]*)?/.exec(address) ?? [];
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return readModelFiles(address, { read, beside: (name) => `${folder}${name}${query}` });
}

async function read(url: string): Promise<Uint8Array> {
  const refuse = (actual: string, cure: string, cause?: unknown): Error =>
    new Error(`Cannot load the model: '${url}' must be readable, got ${actual}. ${cure}`, {
      cause,
    });
  let response: Response;
  try {
    response = await tf.env().platform.fetch(url, {}, { isBinary: true });
  } catch (error) {
    const cure = 'location' in globalThis ? ', and whether it allows other origins (CORS)' : '';
    throw refuse(
      `no response (${reasonOf(error)})`,
      `Check the network and the server${cure}`,
      error,
    );
  }
  if (!response.ok) {
    const status = `status ${response.status} ${response.statusText}`.trim();
    throw refuse(
      status,
      'Check the address: it must be that of model.json, with its weights next to it',
    );
  }
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw refuse(
      `a part of it (${reasonOf(error)})`,
      'The connection may have broken: try again',
      error,
    );
  }
}

/** fetch reports only "fetch failed"; the reason is in the cause. @internal */
export function reasonOf(error: unknown): string {
  const { message = String(error), cause } = error as Partial<Error>;
  return isError(cause) && cause.message !== '' ? cause.message : message;
}
