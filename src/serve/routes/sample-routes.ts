import { isPicture } from '../../io/picture.ts';
import { acceptedType } from '../accepted-type.ts';
import type { Encoding } from '../encode-samples.ts';
import { integerField, readInteger, readNumbers, readRecord, seedField } from '../fields.ts';
import { HttpError } from '../http-error.ts';
import { readJson } from '../read-body.ts';
import { bodyResponse } from '../respond.ts';
import type { Route, RouteContext } from '../route.ts';
import {
  bodySchema,
  computed,
  conditionFields,
  drawnSeed,
  layoutFields,
  readLayout,
} from '../sample-fields.ts';

/** Formats of samples by media type; JSON if the client has no preference. @internal */
export const formats: Readonly<Record<string, Exclude<Encoding['format'], 'png'>>> = {
  'application/json': 'nested',
  'application/x-npy': 'npy',
  'application/x-safetensors': 'safetensors',
};

/** Samples of a seed or of given latents, in the format that the client accepts. @internal */
export function sampleRoutes(context: RouteContext): Route[] {
  const { about, settings } = context;
  const { maxCount, maxBodyBytes } = settings;
  const latents = Object.keys(about.inputs).filter(
    (name) => about.inputs[name]!.kind === 'latents',
  );
  const fields = {
    count: integerField('Number of samples', [1, maxCount], 1),
    seed: seedField(
      'The same seed gives the same samples; if left out, it is drawn and returned in X-Seed',
    ),
  };
  const layout = isPicture(about.outputShape) ? layoutFields : {};
  const conditions = conditionFields(about);
  const ofLatents = latents.map((name) => {
    const [size = ''] = about.inputShapes[name]!;
    const help = `A list of ${size} numbers for each sample, in place of count and seed`;
    return [name, { help, schema: { type: 'array' } }] as const;
  });
  const properties = { ...fields, ...Object.fromEntries(ofLatents), ...conditions, ...layout };
  const types = [...Object.keys(formats), ...(isPicture(about.outputShape) ? ['image/png'] : [])];
  return [
    {
      method: 'POST',
      path: '/samples',
      summary: 'Samples as numbers or as a picture, by the Accept header',
      body: { 'application/json': bodySchema(properties) },
      returns: types,
      run: async (call) => {
        const type = acceptedType(call.request, types);
        const body = readRecord(
          'the body',
          await readJson(call.request, maxBodyBytes),
          Object.keys(properties),
        );
        const [first] = latents.filter((name) => body[name] !== undefined);
        const rows = first === undefined ? undefined : countOf(first, body[first], maxCount);
        if (rows !== undefined && body['count'] !== undefined && body['count'] !== rows) {
          throw new HttpError(
            400,
            `count must equal the number of latents, ${rows}, or be left out`,
          );
        }
        const count = rows ?? readInteger('count', body['count'], fields.count)!;
        const given = latents.flatMap((name) => {
          if (body[name] === undefined) return [];
          const numbers = readNumbers(name, body[name], [count, ...about.inputShapes[name]!]);
          return [[name, Float32Array.from(numbers)] as const];
        });
        const seedOfBody = readInteger('seed', body['seed'], fields.seed);
        const format = formats[type];
        const encoding =
          format === undefined
            ? readLayout((name) => body[name], about, count)
            : ({ format } as const);
        const asked = Object.keys(conditions).filter((name) => body[name] !== undefined);
        const seed = seedOfBody ?? drawnSeed();
        const job = {
          kind: 'sample',
          count,
          seed,
          conditions: Object.fromEntries(asked.map((name) => [name, body[name]])),
          given: Object.fromEntries(given),
          encoding,
        } as const;
        const samples = await computed(context, call, job, count);
        return bodyResponse(samples, type, { headers: { 'x-seed': String(seed) } });
      },
    },
  ];
}

function countOf(name: string, value: unknown, maxCount: number): number {
  if (Array.isArray(value) && value.length > 0 && value.length <= maxCount) return value.length;
  const actual = Array.isArray(value) ? `${value.length} rows` : 'another kind of value';
  throw new HttpError(400, `${name} must be a list of 1 to ${maxCount} rows, got ${actual}`);
}
