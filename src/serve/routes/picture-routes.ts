import { isPicture } from '../../io/picture.ts';
import { integerField, readInteger, seedField } from '../fields.ts';
import { bodyResponse } from '../respond.ts';
import type { Route, RouteContext } from '../route.ts';
import {
  cacheHeaders,
  computed,
  conditionFields,
  drawnSeed,
  layoutFields,
  readLayout,
  readQueryConditions,
} from '../sample-fields.ts';

/** Pictures by address alone, for pages and people. @internal */
export function pictureRoutes(context: RouteContext): Route[] {
  const { about, settings } = context;
  if (!isPicture(about.outputShape)) return [];
  const { maxCount } = settings;
  const fields = {
    count: integerField('Number of images', [1, maxCount], 1),
    seed: seedField(
      'The same seed gives the same images; if left out, it is drawn and returned in X-Seed',
    ),
  };
  const ends = {
    from: seedField('Seed of the first image; drawn if left out'),
    to: seedField('Seed of the last image; drawn if left out'),
    steps: integerField('Number of images', [2, Math.max(2, maxCount)], 8),
  };
  return [
    {
      method: 'GET',
      path: '/samples.png',
      summary: 'Images of a seed in one picture',
      query: { ...fields, ...layoutFields, ...conditionFields(about) },
      returns: ['image/png'],
      run: async (call) => {
        const get = (name: string): string | undefined => call.query.get(name);
        const count = readInteger('count', get('count'), fields.count)!;
        const given = readInteger('seed', get('seed'), fields.seed);
        const encoding = readLayout(get, about, count);
        const conditions = readQueryConditions(call, about);
        const seed = given ?? drawnSeed();
        const job = { kind: 'sample', count, seed, conditions, given: {}, encoding } as const;
        const png = await computed(context, call, job, count);
        const kept = cacheHeaders(given !== undefined, settings);
        const headers = { ...kept, 'x-seed': String(seed) };
        return bodyResponse(png, 'image/png', { headers });
      },
    },
    {
      method: 'GET',
      path: '/interpolate.png',
      summary: 'Images between those of two seeds',
      query: { ...ends, ...layoutFields, ...conditionFields(about) },
      returns: ['image/png'],
      run: async (call) => {
        const get = (name: string): string | undefined => call.query.get(name);
        const [from, to] = (['from', 'to'] as const).map((name) =>
          readInteger(name, get(name), ends[name]),
        );
        const steps = readInteger('steps', get('steps'), ends.steps)!;
        const encoding = readLayout(
          (name) => get(name) ?? (name === 'columns' ? steps : undefined),
          about,
          steps,
        );
        const conditions = readQueryConditions(call, about);
        const seeds = { from: from ?? drawnSeed(), to: to ?? drawnSeed() };
        const job = { kind: 'path', ...seeds, steps, conditions, encoding } as const;
        const png = await computed(context, call, job, steps);
        const isGiven = from !== undefined && to !== undefined;
        const kept = cacheHeaders(isGiven, settings);
        const headers = { ...kept, 'x-seeds': `${seeds.from},${seeds.to}` };
        return bodyResponse(png, 'image/png', { headers });
      },
    },
  ];
}
