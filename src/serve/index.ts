/**
 * A generator over HTTP: pictures, numbers, and the protocols of inference servers.
 *
 * @module tfjs-gan/serve
 *
 * @experimental
 */

export { serveGenerator } from './serve-generator.ts';
export type { ServeGeneratorOptions } from './serve-options.ts';
