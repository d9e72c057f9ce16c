import type { Point } from './thin-out.ts';

/** Style of a line. @internal */
export interface LineLook {
  readonly color: string;
  readonly faint: boolean;
}

/** Escapes text for SVG, and removes characters that XML forbids. @internal */
export function escapeText(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A line through points, broken at gaps; a point between two gaps is a dot. @internal */
export function svgPath(
  points: readonly Point[],
  x: (step: number) => number,
  y: (value: number) => number,
  { color, faint }: LineLook,
): string {
  const drawn = (i: number): boolean => Number.isFinite(points[i]?.[1]);
  let line = '';
  let dots = '';
  points.forEach(([step, value], i) => {
    if (!drawn(i)) return;
    if (drawn(i - 1)) line += `L${x(step)} ${y(value)}`;
    else if (drawn(i + 1)) line += `M${x(step)} ${y(value)}`;
    // A line of no length with round ends stays round where a page stretches the picture.
    else
      dots += `<path class="${faint ? 'dot faint' : 'dot'}" stroke="${color}" d="M${x(step)} ${y(value)}h0"/>`;
  });
  const kind = faint ? 'line faint' : 'line';
  return (line === '' ? '' : `<path class="${kind}" stroke="${color}" d="${line}"/>`) + dots;
}
