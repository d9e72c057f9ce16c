import { readdirSync, readFileSync } from 'node:fs';
import { repositoryPath } from '../support/public-api.ts';

/** One ```ts block of the documentation. */
export interface Example {
  /** Where it stands: file and the line of its first line of code. */
  readonly path: string;
  readonly line: number;
  readonly code: string;
  /** Whether the test runs it; false if its fence says `no-run`. */
  readonly runs: boolean;
}

/** Every example of README.md, of the guide and of the comments in src/. */
export function collectExamples(): Example[] {
  const files = (folder: string, ending: string): string[] =>
    readdirSync(repositoryPath(folder), { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith(ending) && !path.includes('/assembly/'))
      .sort();
  const read = (path: string): string => readFileSync(repositoryPath(path), 'utf8');
  return [
    ...[
      'README.md',
      ...files('docs', '.md').filter((path) => path.startsWith('docs/guide/')),
    ].flatMap((path) => markdownExamples(path, read(path))),
    ...files('src', '.ts').flatMap((path) => commentExamples(path, read(path))),
  ];
}

/** The ```ts blocks of a Markdown text. */
export function markdownExamples(path: string, text: string): Example[] {
  const examples: Example[] = [];
  let open: { line: number; info: string[]; indent: number; code: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (open === undefined && fence !== null) {
      const [, spaces = '', info = ''] = fence;
      open = { line: index + 2, info: info.trim().split(/\s+/), indent: spaces.length, code: [] };
    } else if (open !== undefined && fence !== null) {
      const [language = '', ...words] = open.info;
      if (['ts', 'typescript'].includes(language)) {
        const runs = !words.includes('no-run');
        examples.push({ path, line: open.line, code: open.code.join('\n'), runs });
      }
      open = undefined;
    } else {
      open?.code.push(line.slice(open.indent));
    }
  }
  return examples;
}

/** The ```ts blocks of the doc comments of a TypeScript text, but for those that are not for users. */
export function commentExamples(path: string, text: string): Example[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    if (comment[0].includes('@internal')) return [];
    const before = text.slice(0, comment.index).split('\n').length - 1;
    const body = comment[0].replace(/^[ \t]*\* ?/gm, '');
    return markdownExamples(path, body).map((example) => ({
      ...example,
      line: example.line + before,
    }));
  });
}

/** What the comments after `console.log(…);` promise to be printed. */
export function promisedOutput(code: string): string[] {
  return [...code.matchAll(/^\s*console\.log\(.*\);\s*\/\/\s*(.+?)\s*$/gm)].map(
    ([, text = '']) => text,
  );
}
