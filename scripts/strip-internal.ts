/**
 * Takes out of the declarations in dist/ what `@internal` marks: members of public classes first, then declarations that
 * nothing refers to any longer. `npm run build` runs it; tsup's own declarations know no `stripInternal`.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const files = await readdir(dist, { recursive: true });
for (const file of files.filter((name) => /\.d\.c?ts$/.test(name))) {
  const path = join(dist, file);
  const text = await readFile(path, 'utf8');
  const stripped = withoutUnused(withoutMembers(text));
  if (stripped !== text) await writeFile(path, stripped);
}

/** Members are left out; a constructor becomes private, as without one anybody could call it. */
function withoutMembers(text: string): string {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    const isMember = ts.isClassElement(node) || ts.isTypeElement(node);
    if (isMember && isInternal(node)) {
      const by = ts.isConstructorDeclaration(node) ? '\n    private constructor();' : '';
      edits.push({ node, by });
    } else ts.forEachChild(node, visit);
  };
  visit(parse(text));
  return applied(text, edits);
}

/** Declarations that are internal, not exported, and named nowhere else, and imports so; again until there are none. */
function withoutUnused(text: string): string {
  const source = parse(text);
  const counts = new Map<string, number>();
  const count = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) counts.set(node.text, (counts.get(node.text) ?? 0) + 1);
    ts.forEachChild(node, count);
  };
  count(source);
  const isUnused = (name: ts.Node | undefined): boolean =>
    name !== undefined && ts.isIdentifier(name) && counts.get(name.text) === 1;
  const unused = source.statements.filter((statement) => {
    if (!ts.isImportDeclaration(statement)) {
      return isInternal(statement) && isUnused((statement as { readonly name?: ts.Node }).name);
    }
    const bindings = statement.importClause?.namedBindings;
    const names = bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
    // Types have no side effects: an import of nothing is what is left of one that was internal.
    return (
      statement.importClause === undefined ||
      (names.length > 0 && names.every(({ name }) => isUnused(name)))
    );
  });
  if (unused.length === 0) return text;
  const edits = unused.map((node) => ({ node, by: '' }));
  return withoutUnused(applied(text, edits));
}

interface Edit {
  readonly node: ts.Node;
  readonly by: string;
}

function applied(text: string, edits: readonly Edit[]): string {
  return edits
    .toReversed()
    .reduce((all, { node, by }) => all.slice(0, node.pos) + by + all.slice(node.end), text);
}

function isInternal(node: ts.Node): boolean {
  return ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('dist.d.ts', text, ts.ScriptTarget.Latest, true);
}
