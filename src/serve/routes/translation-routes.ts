import { DataFormatError } from '../../core/errors.ts';
import { isPicture } from '../../io/picture.ts';
import { pngSize } from '../../io/png.ts';
import { Tiles } from '../../models/translators/tiles.ts';
import { acceptedType } from '../accepted-type.ts';
import { readNumbers, readRecord } from '../fields.ts';
import { HttpError } from '../http-error.ts';
import { decodeJson, readBytes } from '../read-body.ts';
import { bodyResponse } from '../respond.ts';
import type { Route, RouteContext } from '../route.ts';
import { bodySchema, computed, layoutFields, readLayout } from '../sample-fields.ts';
import type { TranslationJob } from '../served-model.ts';
import { formats } from './sample-routes.ts';

/** Pictures of a request, and their shape, `[count, height, width, channels]`. */
interface Given {
  readonly pictures: TranslationJob['pictures'];
  readonly shape: readonly number[];
  /** Settings of the response beside them. */
  readonly layout: Readonly<Record<string, unknown>>;
}

/** Pictures in, their translations out. @internal */
export function translationRoutes(context: RouteContext): Route[] {
  const { about, settings } = context;
  const [sourceShape = []] = Object.values(about.inputShapes);
  const [high = 1, wide = 1, channels = 1] = sourceShape;
  const layout = isPicture(about.outputShape) ? layoutFields : {};
  const images = {
    help: `Pictures of one size, each as lists [height, width, ${channels}] of numbers in −1…1`,
    schema: { type: 'array' },
  };
  const schema = bodySchema({ images, ...layout });
  const known = ['images', ...Object.keys(layout)];
  const numeric = Object.keys(formats);
  const drawn = isPicture(about.outputShape) ? ['image/png'] : [];
  return [
    {
      method: 'POST',
      path: '/translate',
      summary: 'Translations of a PNG or of pictures as numbers, by the Accept header',
      body: { 'image/png': { type: 'string', format: 'binary' }, 'application/json': schema },
      returns: [...drawn, ...numeric],
      run: async (call) => {
        const bytes = await readBytes(call.request, settings.maxBodyBytes);
        // A PNG begins so, and no JSON does: clients send all kinds of media types.
        const isPng = bytes[0] === 0x89;
        const type = acceptedType(
          call.request,
          isPng ? [...drawn, ...numeric] : [...numeric, ...drawn],
        );
        const given = isPng ? pngOf(bytes, channels) : imagesOf(decodeJson(bytes), known, channels);
        const { pictures, shape } = given;
        const [count = 1, height = 1, width = 1] = shape;
        const [down, across] = new Tiles([height, width], [high, wide]).counts;
        const tiles = count * down * across;
        if (tiles > settings.maxCount) {
          throw new HttpError(
            400,
            `the pictures must be at most ${settings.maxCount} of ${high}×${wide}, or larger ones of as many such tiles, ` +
              `each of which overlaps its neighbors by half, got ${tiles}`,
          );
        }
        const [targetHigh = 1, , depth = 1] = about.outputShape;
        // A network that enlarges does so with pictures of every size.
        const scale = targetHigh / high;
        const outputShape = [scale * height, scale * width, depth];
        const format = formats[type];
        const encoding =
          format === undefined
            ? readLayout((name) => given.layout[name], { outputShape }, count)
            : ({ format } as const);
        const job = { kind: 'translation', pictures, encoding } as const;
        const numbers = count * scale * height * scale * width * depth;
        return bodyResponse(await computed(context, call, job, tiles, numbers), type);
      },
    },
  ];
}

/** The pictures of a body that is a PNG file. It is decoded where the network runs. */
function pngOf(png: Uint8Array, channels: number): Given {
  try {
    const { width, height } = pngSize(png);
    return { pictures: { png }, shape: [1, height, width, channels], layout: {} };
  } catch (error) {
    if (error instanceof DataFormatError) throw new HttpError(400, error.message);
    throw error;
  }
}

/** The pictures of a body of JSON. */
function imagesOf(json: unknown, known: readonly string[], channels: number): Given {
  const { images, ...layout } = readRecord('the body', json, known) as {
    readonly images?: unknown;
  };
  const sizeOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
  const [first] = Array.isArray(images) ? (images as unknown[]) : [];
  const [row] = Array.isArray(first) ? (first as unknown[]) : [];
  const shape = [sizeOf(images), sizeOf(first), sizeOf(row), channels];
  if (shape.includes(0)) {
    throw new HttpError(
      400,
      `images must be a list of pictures, each of the shape [height, width, ${channels}]`,
    );
  }
  const values = Float32Array.from(readNumbers('images', images, shape));
  return { pictures: { values, shape }, shape, layout };
}
