import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import * as tf from '@tensorflow/tfjs';

/** Emoji as pairs of a line drawing and a picture in color, on white. */
export interface EmojiPairs {
  readonly count: number;
  /** Line drawings, gray, `[count, side, side, 1]`. */
  readonly lines: Uint8Array;
  /** The same emoji in color, `[count, side, side, 3]`. */
  readonly colors: Uint8Array;
  readonly names: readonly string[];
  /** Numbers of their groups, such as animals or flags. */
  readonly groups: readonly number[];
}

/** Of a hundred base emoji, those that training does not see. */
const heldOutPercent = 15;

/**
 * Draws OpenMoji (CC BY-SA 4.0, https://openmoji.org) at the size of small pictures; none with a skin tone, which are copies.
 *
 * Emoji that begin with the same character, such as all runners, are in one part, so that no line drawing of the second part
 * is one that training has seen.
 *
 * @param side - Height and width.
 * @param most - Draws no more emoji than that, evenly chosen.
 */
export async function drawOpenmoji(
  side: number,
  most: number = Infinity,
): Promise<Readonly<Record<'training' | 'heldOut', EmojiPairs>>> {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('openmoji/package.json'));
  await initWasm(await readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  const table = (await readFile(join(folder, 'data/openmoji.csv'), 'utf8')).trim().split('\n');
  const [header = [], ...rows] = table.map(cellsOf);
  const column = (name: string): number => header.indexOf(name);
  const all = rows
    .filter((row) => row[column('skintone')] === '')
    .map((row) => ({
      code: row[column('hexcode')]!,
      name: row[column('annotation')]!,
      group: row[column('group')]!,
    }));
  const step = Math.max(1, Math.ceil(all.length / most));
  const emoji = all.filter((_, i) => i % step === 0);
  const groups = [...new Set(emoji.map(({ group }) => group))];
  const draw = async (style: 'black' | 'color', code: string): Promise<Uint8Array> => {
    const svg = await readFile(join(folder, style, 'svg', `${code}.svg`), 'utf8');
    const drawing = new Resvg(svg, { background: 'white', fitTo: { mode: 'width', value: side } });
    const picture = drawing.render();
    const pixels = picture.pixels.slice();
    picture.free();
    drawing.free();
    return pixels;
  };
  const part = async (some: typeof emoji): Promise<EmojiPairs> => {
    const size = side * side;
    const lines = new Uint8Array(some.length * size);
    const colors = new Uint8Array(some.length * size * 3);
    for (const [i, { code }] of some.entries()) {
      const [black, color] = [await draw('black', code), await draw('color', code)];
      for (let pixel = 0; pixel < size; pixel += 1) {
        lines[i * size + pixel] = black[4 * pixel]!;
        for (let c = 0; c < 3; c += 1) colors[(i * size + pixel) * 3 + c] = color[4 * pixel + c]!;
      }
    }
    return {
      count: some.length,
      lines,
      colors,
      names: some.map(({ name }) => name),
      groups: some.map(({ group }) => groups.indexOf(group)),
    };
  };
  return {
    training: await part(emoji.filter(({ code }) => !isHeldOut(code))),
    heldOut: await part(emoji.filter(({ code }) => isHeldOut(code))),
  };
}

/** At most so many pairs, evenly chosen, as tensors in −1…1. */
export function someOf(
  { lines, colors, count }: EmojiPairs,
  side: number,
  most: number,
): Readonly<Record<'lines' | 'colors', tf.Tensor4D>> {
  const some = Math.min(most, count);
  const chosen = Array.from({ length: some }, (_, i) => Math.floor((i * count) / some));
  const tensorOf = (bytes: Uint8Array, channels: number): tf.Tensor4D =>
    tf.tidy(() => {
      const pixels = Float32Array.from(bytes, (value) => value / 127.5 - 1);
      return tf.gather(tf.tensor4d(pixels, [count, side, side, channels]), chosen);
    });
  return { lines: tensorOf(lines, 1), colors: tensorOf(colors, 3) };
}

/** By the first character alone, so that variants stay together. */
function isHeldOut(code: string): boolean {
  let hash = 0x811c9dc5;
  for (const digit of code.split('-')[0]!) {
    hash = Math.imul(hash ^ digit.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash % 100 < heldOutPercent;
}

/** The cells of a line of a table with commas, some of them in quotes. */
function cellsOf(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
