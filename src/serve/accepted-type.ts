import { HttpError } from './http-error.ts';

/**
 * The media type that a client prefers, by its `Accept` header.
 *
 * @param offered - Types that can be made; the first is taken if the client has no preference.
 * @throws HttpError if it accepts none of them.
 *
 * @see RFC 9110, section 12.5.1.
 *
 * @internal
 */
export function acceptedType(request: Request, offered: readonly string[]): string {
  const ranges = (request.headers.get('accept') ?? '*/*').split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  // The most specific range that fits a type decides its quality.
  const qualityOf = (type: string): number =>
    [type, `${type.split('/')[0]!}/*`, '*/*']
      .map((range) => ranges.find((one) => one.type === range)?.quality)
      .find((quality) => quality !== undefined) ?? 0;
  const [best, quality] = offered
    .map((type) => [type, qualityOf(type)] as const)
    .sort(([, a], [, b]) => b - a)[0]!;
  if (quality > 0) return best;
  throw new HttpError(406, `Accept must allow one of ${offered.join(', ')}`);
}
