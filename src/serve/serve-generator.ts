import { formatValue } from '../core/format.ts';
import { encodePng } from '../io/png.ts';
import { Generator } from '../models/generator.ts';
import { TableGenerator } from '../models/table/table-generator.ts';
import { Translator } from '../models/translators/translator.ts';
import { GeneratorModel } from './generator-model.ts';
import { RequestHandler } from './request-handler.ts';
import { type ServeGeneratorOptions, serveSettings } from './serve-options.ts';
import type { ServedModel } from './served-model.ts';
import { TableModel } from './table-model.ts';
import { TranslatorModel } from './translator-model.ts';

/**
 * Serves a generator, a translator or a generator of tables over HTTP: returns a function from a
 * standard `Request` to a `Response`, which Hono, Next.js, Deno, Bun and Workers can mount. For a
 * server of its own run `npx tfjs-gan serve model/`.
 *
 * | route | what it returns |
 * | --- | --- |
 * | `GET /samples.png?count&seed&columns&scale` | images, and `labels` or other conditions as JSON |
 * | `GET /interpolate.png?from&to&steps` | images between those of two seeds |
 * | `POST /samples` | `{ count, seed, latents, … }` as JSON, `.npy`, safetensors or PNG, by the `Accept` header |
 * | `POST /translate` | of a translator, in place of the three above: a PNG of any size, or `{ images }` as JSON, to its translation |
 * | `GET /rows.csv?count&seed&where`, `POST /rows` | of a generator of tables, in place of those above and the next two: rows as CSV or JSON |
 * | `GET /v2/…`, `POST /v2/models/NAME/infer` | Open Inference Protocol, as KServe and Triton |
 * | `GET /v1/models/NAME`, `POST /v1/models/NAME:predict` | as TensorFlow Serving |
 * | `/`, `/healthz`, `/readyz`, `/metrics`, `/openapi.json` | a page to try it, and what operators need |
 *
 * Requests that arrive together are computed together. A request with a seed gets the same bytes
 * each time, whatever it was computed with. Requests beyond `maxQueued` get status 503; an error is
 * `{ "error": "…" }`.
 *
 * The network runs in this thread and blocks it: `npx tfjs-gan serve` has a thread for it.
 *
 * @param generator - A `Generator`, `Translator` or `TableGenerator`; the caller keeps owning it.
 * @param options - Name, limits and batching.
 * @returns The handler. It never rejects.
 * @throws TypeError if `generator` is none of the three, or the network of a translator or of a
 *   table, or an option is unknown; RangeError if an option is out of range; Error if the generator
 *   was disposed.
 *
 * @example Four images
 * ```ts
 * const handle = serveGenerator(generator);
 * const response = await handle(new Request('http://localhost/samples.png?count=4&seed=1'));
 * const { width, height } = decodePng(new Uint8Array(await response.arrayBuffer()));
 * console.log(response.status, width, height); // 200 16 16
 * ```
 *
 * @see {@link https://github.com/kserve/open-inference-protocol}
 */
export function serveGenerator(
  generator: Generator | Translator | TableGenerator,
  options: ServeGeneratorOptions = {},
): (request: Request) => Promise<Response> {
  const action = 'serve the generator';
  const settings = serveSettings(action, options);
  const handler = new RequestHandler(modelOf(action, generator, settings.batchSize), settings);
  return (request) => handler.handle(request);
}

function modelOf(
  action: string,
  generator: Generator | Translator | TableGenerator,
  batchSize: number,
): ServedModel {
  if (generator instanceof Generator) {
    generator.checkAlive(action);
    return new GeneratorModel(generator, batchSize, encodePng);
  }
  if (generator instanceof Translator) {
    generator.generator.checkAlive(action);
    return new TranslatorModel(generator, encodePng);
  }
  if (generator instanceof TableGenerator) {
    generator.generator.checkAlive(action);
    return new TableModel(generator);
  }
  // Not for a caller that is checked by TypeScript.
  throw new TypeError(
    `Cannot ${action}: generator must be a Generator, a Translator or a TableGenerator, got ${formatValue(generator)}`,
  );
}
