import type { CommentDisplayPart, Reflection } from 'typedoc';
import { namesIn } from './names-in.ts';

/**
 * A page whose inline code links to the API where it names a part of it: `Trainer`, `adam()`, `Trainer.fit`.
 *
 * Headings stay plain, for their anchors are made of their text, and so does what is part of a link.
 */
export function linkNames(
  page: readonly CommentDisplayPart[],
  find: (name: string) => Reflection | undefined,
): CommentDisplayPart[] {
  let line = '';
  let brackets = 0;
  return page.map((part) => {
    const isPlain = !line.startsWith('#') && brackets === 0;
    const target =
      part.kind === 'code' && isPlain
        ? find(/^`([\w.]+)(?:\(\))?`$/.exec(part.text)?.[1] ?? '')
        : undefined;
    if (part.kind === 'text') {
      // No link continues after an empty line.
      const text = part.text.slice(Math.max(0, part.text.lastIndexOf('\n\n')));
      if (text !== part.text) brackets = 0;
      for (const sign of text) brackets += { '[': 1, ']': -1 }[sign] ?? 0;
    }
    line = (line + part.text).split('\n').at(-1) ?? '';
    return target === undefined
      ? part
      : { kind: 'inline-tag', tag: '@linkcode', text: part.text.slice(1, -1), target };
  });
}

/** Where a name is imported from. */
export interface Home {
  readonly from: string;
  readonly isType: boolean;
}

/** A text whose first ```ts block begins with the imports it needs and does not have. */
export function withImports(
  text: readonly CommentDisplayPart[],
  find: (name: string) => Home | undefined,
): CommentDisplayPart[] {
  const first = text.findIndex((part) => part.kind === 'code' && part.text.startsWith('```ts'));
  return text.map((part, index): CommentDisplayPart =>
    index === first ? { ...part, text: importsBefore(part.text, find) } : part,
  );
}

function importsBefore(block: string, find: (name: string) => Home | undefined): string {
  const [fence = '', ...lines] = block.split('\n');
  const { used, declared } = namesIn(lines.slice(0, -1).join('\n'));
  const names = new Map<string, string[]>();
  for (const name of [...used].filter((used) => !declared.has(used)).sort()) {
    const home = find(name);
    if (home === undefined) continue;
    names.set(home.from, [...(names.get(home.from) ?? []), home.isType ? `type ${name}` : name]);
  }
  const imports = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, parts]) => `import { ${parts.join(', ')} } from '${from}';`);
  if (used.has('tf') && !declared.has('tf')) {
    imports.unshift("import * as tf from '@tensorflow/tfjs';");
  }
  const isImport = lines[0]?.startsWith('import ') ?? false;
  return [fence, ...imports, ...(imports.length > 0 && !isImport ? [''] : []), ...lines].join('\n');
}
