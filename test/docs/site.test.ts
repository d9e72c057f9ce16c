import { type CommentDisplayPart, DeclarationReflection, ReflectionKind } from 'typedoc';
import { describe, expect, test } from 'vitest';
import { queries } from '../../scripts/docs-site/search.ts';
import { type Home, linkNames, withImports } from '../../scripts/docs-site/text.ts';

const text = (text: string): CommentDisplayPart => ({ kind: 'text', text });
const code = (text: string): CommentDisplayPart => ({ kind: 'code', text });

describe('linkNames', () => {
  const trainer = new DeclarationReflection('Trainer', ReflectionKind.Class);
  const link = (...page: CommentDisplayPart[]): CommentDisplayPart[] =>
    linkNames(page, (name) => (name === 'Trainer' ? trainer : undefined));
  const linked = (text: string): CommentDisplayPart => ({
    kind: 'inline-tag',
    tag: '@linkcode',
    text,
    target: trainer,
  });

  test('links names in sentences and cells, with or without brackets', () => {
    expect(link(text('# Page\n\nA '), code('`Trainer`'), text(' | '), code('`Trainer()`'))).toEqual(
      [text('# Page\n\nA '), linked('Trainer'), text(' | '), linked('Trainer()')],
    );
  });

  test.each([
    ['other code', [text('A '), code('`trainer`')]],
    ['blocks', [code('```ts\nTrainer\n```')]],
    ['headings', [text('Text\n\n## The '), code('`Trainer`')]],
    ['links', [text('[the '), code('`Trainer`'), text('](page.md)')]],
  ])('leaves %s as they are', (_what, page) => {
    expect(link(...page)).toEqual(page);
  });

  test('links again in the paragraph after an open bracket', () => {
    const page = [text('from [0 to 1)\n\nA '), code('`Trainer`')];
    expect(link(...page)).toEqual([page[0], linked('Trainer')]);
  });
});

describe('withImports', () => {
  const homes: Record<string, Home> = {
    adam: { from: 'tfjs-gan', isType: false },
    Game: { from: 'tfjs-gan', isType: true },
    progress: { from: 'tfjs-gan/node', isType: false },
  };
  const complete = (...blocks: string[]): string[] =>
    withImports(
      blocks.map((block) => code(`\`\`\`ts\n${block}\n\`\`\``)),
      (name) => homes[name],
    ).map(({ text }) => text.split('\n').slice(1, -1).join('\n'));

  test('writes the imports of the first block, by subpath', () => {
    expect(complete('const game: Game = tf.make(adam(), progress());', 'adam();')).toEqual([
      [
        "import * as tf from '@tensorflow/tfjs';",
        "import { type Game, adam } from 'tfjs-gan';",
        "import { progress } from 'tfjs-gan/node';",
        '',
        'const game: Game = tf.make(adam(), progress());',
      ].join('\n'),
      'adam();',
    ]);
  });

  test.each([
    'options.adam;',
    'const adam = 1; adam;',
    "import { adam } from 'tfjs-gan';\nadam();",
    'unknown();',
  ])('leaves a block that needs none: %s', (block) => {
    expect(complete(block)).toEqual([block]);
  });
});

describe('queries', () => {
  test('are as many as the site must find', () => {
    expect(queries.length).toBeGreaterThanOrEqual(20);
    expect(new Set(queries.map(([query]) => query)).size).toBe(queries.length);
  });
});
