import { acceptedType } from '../accepted-type.ts';
import { integerField, readInteger, readRecord, seedField } from '../fields.ts';
import { parseJson, readJson } from '../read-body.ts';
import { bodyResponse } from '../respond.ts';
import type { Call, Field, Route, RouteContext } from '../route.ts';
import { bodySchema, cacheHeaders, drawnSeed } from '../sample-fields.ts';
import type { RowsJob, TableAbout } from '../served-model.ts';

/** Formats of rows by media type; JSON if the client has no preference. */
const formats: Readonly<Record<string, RowsJob['format']>> = {
  'application/json': 'json',
  'text/csv': 'csv',
};

/** Rows of a table, also by address alone. @internal */
export function rowRoutes(context: RouteContext<TableAbout>): Route[] {
  const { about, settings, batcher } = context;
  const fields = {
    count: integerField('Number of rows', [1, settings.maxCount], 1),
    seed: seedField(
      'The same seed gives the same rows; if left out, it is drawn and returned in X-Seed',
    ),
    where: {
      help:
        'What is requested of columns, as { "COLUMN": VALUE }, a list of values or { "min": …, "max": … }. ' +
        `The columns are ${about.columns.map(({ name }) => name).join(', ')}`,
      schema: { type: 'object' },
    } satisfies Field,
  };
  const rows = async (
    { request }: Call,
    type: string,
    get: (name: keyof typeof fields) => unknown,
  ): Promise<Response> => {
    const count = readInteger('count', get('count'), fields.count)!;
    const given = readInteger('seed', get('seed'), fields.seed);
    const seed = given ?? drawnSeed();
    const [where = {}] = [get('where')];
    const job = { kind: 'rows', count, seed, where, format: formats[type]! } as const;
    const body = await batcher.submit(job, count, request.signal);
    const kept = request.method === 'POST' ? {} : cacheHeaders(given !== undefined, settings);
    const shown = type === 'text/csv' ? 'text/csv; charset=utf-8' : type;
    return bodyResponse(body, shown, { headers: { ...kept, 'x-seed': String(seed) } });
  };
  return [
    {
      method: 'GET',
      path: '/rows.csv',
      summary: 'Rows of a seed as CSV',
      query: fields,
      returns: ['text/csv'],
      run: (call) =>
        rows(call, 'text/csv', (name) => {
          const text = call.query.get(name);
          return name === 'where' && text !== undefined ? parseJson(name, text) : text;
        }),
    },
    {
      method: 'POST',
      path: '/rows',
      summary: 'Rows as JSON or CSV, by the Accept header',
      body: { 'application/json': bodySchema(fields) },
      returns: Object.keys(formats),
      run: async (call) => {
        const type = acceptedType(call.request, Object.keys(formats));
        const read = await readJson(call.request, settings.maxBodyBytes);
        const body = readRecord('the body', read, Object.keys(fields));
        return rows(call, type, (name) => body[name]);
      },
    },
  ];
}
