import { escapeText } from './svg.ts';

/** The names of curves beside their colors, and where the legend ends. @internal */
export interface Legend {
  readonly parts: readonly string[];
  readonly bottom: number;
}

/** Where the legend stands. @internal */
export interface LegendPlace {
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

/** Width of a letter of the chart's font, on the wide side: SVG cannot measure text. */
const letter = 7.4;
const row = 22;

/** Sets names in rows that do not overflow. @internal */
export function legend(
  curves: readonly { readonly name: string }[],
  colors: readonly string[],
  { left, right, top }: LegendPlace,
): Legend {
  let x = left;
  let y = top;
  const parts = curves.map(({ name }, i) => {
    const width = 26 + letter * name.length + 20;
    if (x > left && x + width > right) {
      x = left;
      y += row;
    }
    const part =
      `<path d="M${x} ${y - 4}h18" stroke="${colors[i % colors.length] ?? ''}" stroke-width="3"/>` +
      `<text x="${x + 26}" y="${y}">${escapeText(name)}</text>`;
    x = Math.round(x + width);
    return part;
  });
  return { parts, bottom: y + (curves.length === 0 ? -8 : 16) };
}
