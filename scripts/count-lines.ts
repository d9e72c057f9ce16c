/**
 * Counts lines of code: those that hold more than blanks and comments.
 *
 *     npx tsx scripts/count-lines.ts                    of each room of src, of test, bench, examples and scripts
 *     npx tsx scripts/count-lines.ts --since 8f2a735    and how each file differs from that revision, largest first
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const { values } = parseArgs({ options: { since: { type: 'string' } } });
const folders = ['src', 'test', 'bench', 'examples', 'scripts'];

const sums = new Map<string, number>();
for (const file of filesOf('ls-files', '--cached', '--others', '--exclude-standard').sort()) {
  const [folder = '', room = ''] = file.split('/');
  const lines = linesNow(file);
  for (const name of ['total', folder, ...(folder === 'src' ? [`  ${room}`] : [])]) {
    sums.set(name, (sums.get(name) ?? 0) + lines);
  }
}
const total = sums.get('total') ?? 0;
sums.delete('total');
for (const [name, lines] of [...sums, ['total', total] as const]) print(name, lines);

if (values.since !== undefined) {
  const { since } = values;
  const differences = filesOf('diff', '--name-only', '--no-renames', since)
    .map((file) => [file, linesNow(file) - linesAt(since, file)] as const)
    .filter(([, difference]) => difference !== 0)
    .sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
  console.log(`\nsince ${since}`);
  for (const [file, difference] of differences) print(file, difference);
  print(
    'total',
    differences.reduce((sum, [, difference]) => sum + difference, 0),
  );
}

/** The TypeScript files that a command of git names. */
function filesOf(...command: readonly string[]): string[] {
  return git(...command, '--', ...folders)
    .split('\n')
    .filter((file) => file.endsWith('.ts'));
}

function linesNow(file: string): number {
  return existsSync(file) ? codeLines(readFileSync(file, 'utf8')) : 0;
}

function linesAt(revision: string, file: string): number {
  const isThere = git('ls-tree', '--name-only', revision, file) !== '';
  return isThere ? codeLines(git('show', `${revision}:${file}`)) : 0;
}

/** Lines on which a token is. The parser's tokens, as only it tells a division from a regular expression. */
function codeLines(text: string): number {
  const source = ts.createSourceFile('', text, ts.ScriptTarget.Latest);
  const lines = text.split('\n');
  const counted = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    children.forEach(visit);
    if (children.length > 0 || node.getWidth(source) === 0) return;
    const lineOf = (at: number): number => source.getLineAndCharacterOfPosition(at).line;
    // A template has several lines, of which some may be blank.
    for (let line = lineOf(node.getStart(source)); line <= lineOf(node.getEnd()); line += 1) {
      if (lines[line]!.trim() !== '') counted.add(line);
    }
  };
  visit(source);
  return counted.size;
}

function print(name: string, lines: number): void {
  console.log(`${name.padEnd(56)} ${String(lines).padStart(6)}`);
}

function git(...words: readonly string[]): string {
  return execFileSync('git', words, { encoding: 'utf8', maxBuffer: 2 ** 28 });
}
