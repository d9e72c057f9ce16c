import {
  checkNonNegative,
  checkNonNegativeInteger,
  checkOptions,
  checkPositiveInteger,
  withDefaults,
} from '../core/checks.ts';
import { formatValue } from '../core/format.ts';

/**
 * Settings of {@link serveGenerator}.
 *
 * @example Below a path of a larger application, with small requests only
 * ```ts
 * const options: ServeGeneratorOptions = { basePath: '/api/digits', name: 'digits', maxCount: 16 };
 * const handle = serveGenerator(generator, options);
 * const response = await handle(new Request('http://localhost/api/digits/samples.png?count=4&seed=1'));
 * console.log(response.status, response.headers.get('content-type')); // 200 image/png
 * ```
 */
export interface ServeGeneratorOptions {
  /**
   * Name of the model in the addresses of the two inference protocols: `/v2/models/NAME/infer`.
   * Letters, digits, `_`, `-` and `.`.
   *
   * @defaultValue `'generator'`
   */
  readonly name?: string | undefined;
  /**
   * Path of the application below which the routes lie, such as `/api/gan`. Leave it out if the
   * framework removes the path, as `app.mount` of Hono does.
   *
   * @defaultValue `''`
   */
  readonly basePath?: string | undefined;
  /**
   * Most samples of one request: tiles of a translator, rows of a table.
   *
   * @defaultValue `256`
   */
  readonly maxCount?: number | undefined;
  /**
   * Samples in each pass of the network: those of requests that arrive together, filled up with
   * zeros. The number is fixed, because the last bits of a sample may depend on it. More gives more
   * samples per second, fewer a shorter response time of a single request. Of a translator or a table, requests are
   * computed one by one.
   *
   * @defaultValue `8`
   */
  readonly batchSize?: number | undefined;
  /**
   * Most samples that wait or are computed. A request beyond it gets status 503 and a `Retry-After`
   * header.
   *
   * @defaultValue `4 * maxCount`
   */
  readonly maxQueued?: number | undefined;
  /**
   * How long an idle generator waits for further requests to compute with the first one, in
   * milliseconds.
   *
   * @defaultValue `2`
   */
  readonly batchWindowMs?: number | undefined;
  /**
   * Longest body of a request, in bytes; a longer one gets status 413.
   *
   * @defaultValue `1_048_576` (1 MiB)
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * Longest response with numbers, in bytes, by an upper estimate: 4 for each number of
   * `application/x-npy` and `application/x-safetensors`, 24 in JSON. A longer one gets status 400.
   *
   * @defaultValue `134_217_728` (128 MiB)
   */
  readonly maxResponseBytes?: number | undefined;
  /**
   * How long browsers and proxies may keep a response to a GET request with a seed, in seconds.
   * Raise it if the address changes with the generator.
   *
   * @defaultValue `0`: they must not
   */
  readonly maxAgeSeconds?: number | undefined;
  /**
   * Called with each error that the client sees only as status 500.
   *
   * @defaultValue `console.error`
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** {@link ServeGeneratorOptions}, checked, with defaults. @internal */
export type ServeSettings = {
  readonly [K in keyof ServeGeneratorOptions]-?: Exclude<ServeGeneratorOptions[K], undefined>;
};

/** @internal */
export function serveSettings(action: string, options: ServeGeneratorOptions): ServeSettings {
  checkOptions(action, options);
  const maxCount = options.maxCount ?? 256;
  const settings: ServeSettings = withDefaults(action, options, {
    name: 'generator',
    basePath: '',
    batchSize: 8,
    batchWindowMs: 2,
    maxBodyBytes: 2 ** 20,
    maxResponseBytes: 2 ** 27,
    maxAgeSeconds: 0,
    onError: (error: unknown) => console.error(error),
    maxCount,
    maxQueued: 4 * maxCount,
  });
  const { name, basePath, batchSize, maxQueued, batchWindowMs, maxBodyBytes, maxAgeSeconds } =
    settings;
  checkPattern(action, 'name', name, /^[\w.-]+$/, "letters, digits, '_', '-' and '.'");
  const path = "'' or a path such as '/api/gan', without a slash at its end";
  checkPattern(action, 'basePath', basePath, /^(\/[\w.~-]+)*$/, path);
  checkPositiveInteger(action, 'maxCount', maxCount);
  checkPositiveInteger(action, 'batchSize', batchSize);
  checkPositiveInteger(action, 'maxQueued', maxQueued);
  checkNonNegative(action, 'batchWindowMs', batchWindowMs);
  checkPositiveInteger(action, 'maxBodyBytes', maxBodyBytes);
  checkPositiveInteger(action, 'maxResponseBytes', settings.maxResponseBytes);
  checkNonNegativeInteger(action, 'maxAgeSeconds', maxAgeSeconds);
  if (typeof settings.onError !== 'function') {
    throw new TypeError(
      `Cannot ${action}: onError must be a function, got ${formatValue(settings.onError)}`,
    );
  }
  if (maxQueued < maxCount) {
    throw new RangeError(
      `Cannot ${action}: maxQueued must be at least maxCount, ${maxCount}, got ${maxQueued}. ` +
        'Otherwise a request that is allowed would never be computed',
    );
  }
  return settings;
}

function checkPattern(
  action: string,
  name: string,
  value: unknown,
  pattern: RegExp,
  wanted: string,
): void {
  if (typeof value === 'string' && pattern.test(value)) return;
  throw new TypeError(
    `Cannot ${action}: ${name} must consist of ${wanted}, got ${formatValue(value)}`,
  );
}
