import { type ConditionInput, isCondition } from '../models/conditions.ts';
import type { Encoding } from './encode-samples.ts';
import { integerField, type IntegerField, readInteger } from './fields.ts';
import { HttpError } from './http-error.ts';
import { parseJson } from './read-body.ts';
import type { Call, Field, RouteContext } from './route.ts';
import type { ServeSettings } from './serve-options.ts';
import type { GeneratorAbout, Job, RowsJob } from './served-model.ts';

/** Most pixels of one picture in a response: 64 images of 256×256. */
const maxPixels = 2 ** 22;

/** The conditions of a generator, as parameters of an address or members of a body. @internal */
export function conditionFields({ inputs }: GeneratorAbout): Readonly<Record<string, Field>> {
  const conditions = Object.entries(inputs).filter((entry): entry is [string, ConditionInput] =>
    isCondition(entry[1]),
  );
  return Object.fromEntries(conditions.map(([name, input]) => [name, conditionField(input)]));
}

function conditionField(input: ConditionInput): Field {
  if (input.classes !== undefined) {
    const one = { type: 'integer', minimum: 0, maximum: input.classes - 1 };
    return {
      help: 'One class, or a list with the class of each sample; drawn if left out',
      schema: { anyOf: [one, { type: 'array', items: one }] },
    };
  }
  if (input.categorical !== undefined) {
    return {
      help: 'Codes, as { "categorical": [3], "continuous": [0.5, -1] }; drawn if left out',
      schema: { type: 'object' },
    };
  }
  return {
    help: 'One list of numbers, or a list for each sample; drawn from training data if left out',
    schema: { type: 'array' },
  };
}

/** Fields that lay images out in one picture. @internal */
export const layoutFields: Readonly<Record<'columns' | 'scale' | 'padding', IntegerField>> = {
  columns: integerField('Images in a row; a nearly square grid if left out', [1, 256]),
  scale: integerField('Width and height of a pixel', [1, 32], 1),
  padding: integerField('Pixels between images and around them', [0, 32], 0),
};

/** The schema of a JSON body with these members and no others. @internal */
export function bodySchema(fields: Readonly<Record<string, Field>>): object {
  const properties = Object.entries(fields).map(
    ([name, { help, schema }]) => [name, { ...schema, description: help }] as const,
  );
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

/** How images are to be drawn. @internal */
export function readLayout(
  get: (name: string) => unknown,
  { outputShape }: Pick<GeneratorAbout, 'outputShape'>,
  count: number,
): Encoding {
  const columns = readInteger('columns', get('columns'), layoutFields.columns);
  const scale = readInteger('scale', get('scale'), layoutFields.scale)!;
  const padding = readInteger('padding', get('padding'), layoutFields.padding)!;
  const [height = 0, width = 0] = outputShape;
  if (count * (scale * height + padding) * (scale * width + padding) > maxPixels) {
    throw new HttpError(400, `the picture must have at most ${maxPixels} pixels. Request less`);
  }
  return { format: 'png', columns, scale, padding };
}

/** The conditions in an address, each written as JSON: `labels=3`, `labels=[1,2]`. @internal */
export function readQueryConditions(
  { query }: Call,
  about: GeneratorAbout,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(conditionFields(about)).filter((name) => query.has(name));
  return Object.fromEntries(names.map((name) => [name, parseJson(name, query.get(name)!)]));
}

/** A seed for a request without one. @internal */
export function drawnSeed(): number {
  return globalThis.crypto.getRandomValues(new Uint32Array(1))[0]!;
}

/** How long caches may keep samples, if the request determines them. @internal */
export function cacheHeaders(
  isDetermined: boolean,
  { maxAgeSeconds }: ServeSettings,
): Readonly<Record<string, string>> {
  if (!isDetermined || maxAgeSeconds === 0) return {};
  return { 'cache-control': `public, max-age=${maxAgeSeconds}` };
}

/**
 * Computes a job for a call.
 *
 * @param size - Its samples.
 * @param numbers - The numbers of its result.
 *
 * @internal
 */
export function computed(
  context: RouteContext,
  { request }: Call,
  job: Exclude<Job, RowsJob>,
  size: number,
  numbers: number = context.about.outputShape.reduce((product, side) => product * side, size),
): Promise<Uint8Array> {
  checkLength(context, job.encoding.format, numbers);
  return context.batcher.submit(job, size, request.signal);
}

/** Bytes of a number: a 32-bit float as JSON is at most `-1.2345678806304932e-38` and a comma. */
const numberBytes = { nested: 24, flat: 24, npy: 4, safetensors: 4 } as const;

/** A picture has its own limit, {@link maxPixels}. */
function checkLength(
  { settings }: RouteContext,
  format: Encoding['format'],
  numbers: number,
): void {
  if (format === 'png') return;
  const { maxResponseBytes: most } = settings;
  const length = numbers * numberBytes[format];
  if (length <= most) return;
  const isText = numberBytes[format] > 4;
  throw new HttpError(
    400,
    `the response must have at most ${most} bytes, got about ${length}. Request fewer samples` +
      (isText ? ', or application/x-npy of POST /samples' : ''),
  );
}
