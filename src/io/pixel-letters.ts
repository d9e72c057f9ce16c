/** Width and height of a letter, and the distance to the next, in dots. @internal */
export const letterSize: Readonly<Record<'width' | 'height' | 'advance', number>> = {
  width: 5,
  height: 7,
  advance: 6,
};

/**
 * The characters of axis labels and legends: seven rows of five dots, one base-32 digit for each
 * row.
 */
const letters: ReadonlyMap<string, string> = new Map([
  ['0', 'ehjlphe'],
  ['1', '4c4444e'],
  ['2', 'eh1248v'],
  ['3', 'v2421he'],
  ['4', '26aiv22'],
  ['5', 'vgu11he'],
  ['6', '68guhhe'],
  ['7', 'v124888'],
  ['8', 'ehhehhe'],
  ['9', 'ehhf12c'],
  ['-', '000v000'],
  ['−', '000v000'],
  ['.', '00000cc'],
  ['e', '00ehvge'],
  ['k', 'ggikoki'],
  ['M', 'hrllhhh'],
  ['r', '00mpggg'],
  ['a', '00e1fhf'],
  ['l', 'c44444e'],
  ['g', '00fhf1e'],
  ['n', '00mphhh'],
  ['t', '88s8896'],
  ['d', '11djhhf'],
]);

/** The dots of a short text, from its upper left corner; unknown characters are blank. @internal */
export function textDots(text: string): readonly (readonly [x: number, y: number])[] {
  return Array.from(text).flatMap((letter, i) =>
    Array.from(letters.get(letter) ?? '').flatMap((row, y) =>
      Array.from({ length: letterSize.width }, (_, x) => x)
        .filter((x) => (parseInt(row, 32) >> (letterSize.width - 1 - x)) & 1)
        .map((x): [number, number] => [i * letterSize.advance + x, y]),
    ),
  );
}

/** Width of a text, in dots. @internal */
export function textWidth(text: string): number {
  return Math.max(0, Array.from(text).length * letterSize.advance - 1);
}
