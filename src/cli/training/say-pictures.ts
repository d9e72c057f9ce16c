import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ImageInspection } from '../../platforms/node/inspect-images.ts';
import { listPictures } from '../../platforms/node/list-pictures.ts';
import type { Output } from '../output.ts';

/** Says what was seen in the pictures, and what to look at before a longer run. */
export function sayPictures(
  seen: ImageInspection,
  total: number,
  classNames: readonly string[] | undefined,
  output: Output,
): void {
  const { count, sizes, modes, advice, unusable } = seen;
  const looked = count + unusable.length;
  const of =
    looked < total
      ? `the first ${looked} of ${total} pictures`
      : `${count} picture${count === 1 ? '' : 's'}`;
  const [first] = sizes;
  const sizeText =
    first === undefined
      ? ''
      : sizes.length === 1
        ? `, all ${first.width}×${first.height}`
        : `, of ${sizes.length} sizes, most often ${first.width}×${first.height}`;
  const colors = modes.color === 0 ? 'gray' : modes.gray === 0 ? 'in color' : 'in color and gray';
  const classes =
    classNames === undefined ? '' : `, in ${classNames.length} subfolders: ${listed(classNames)}`;
  const left =
    unusable.length === 0
      ? ''
      : `; leaving out ${unusable.length} that cannot be read: ${listed(unusable.map(({ file }) => basename(file)))}`;
  output.result(
    {
      event: 'data',
      pictures: total - unusable.length,
      sizes: sizes.slice(0, 5),
      modes,
      classes: seen.classes,
      unusable: unusable.length,
      advice,
    },
    `Saw ${of}${sizeText}, ${colors}${classes}${left}`,
  );
  for (const sentence of advice.filter(isForReader)) output.note(`- ${sentence}`);
}

/**
 * Says how many pictures are left out: beside subfolders that are classes, or in subfolders of a
 * folder whose own are learned.
 */
export async function sayLeftOut(
  path: string,
  labels: 'none' | 'subfolders',
  output: Output,
): Promise<void> {
  const isClasses = labels === 'subfolders';
  const entries = isClasses ? [] : await readdir(path, { withFileTypes: true });
  const names = entries.flatMap((entry) =>
    !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink())
      ? [entry.name]
      : [],
  );
  const folders = isClasses ? [path] : names.map((name) => join(path, name));
  const options = { labels: 'none', others: 'list' } as const;
  const counts = await Promise.all(
    folders.map((folder) =>
      listPictures('train', folder, options).then(
        ({ files }) => files.length,
        // No folder, or none with pictures.
        () => 0,
      ),
    ),
  );
  const count = counts.reduce((sum, each) => sum + each, 0);
  if (count === 0) return;
  const where = isClasses
    ? 'beside the subfolders'
    : 'in its subfolders; --labels subfolders learns those alone, each subfolder as a class';
  const message = `Leaving out ${count} picture${count === 1 ? '' : 's'} ${where}`;
  output.event({ event: 'warning', message });
  output.note(message);
}

/** Advice on options of functions is acted on here. */
function isForReader(sentence: string): boolean {
  return !/pass |imageShape|augmented\(/.test(sentence);
}

function listed(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(', ')}, …` : names.join(', ');
}
