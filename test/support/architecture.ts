import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The rooms of src/ from the top floor down. Imports only go down; rooms on one floor do not know each other. */
export const floors: readonly (readonly string[])[] = [
  ['cli'],
  ['platforms/node', 'platforms/browser', 'platforms/worker'],
  ['presets', 'report', 'latent', 'platforms/pictures'],
  ['training'],
  ['games', 'import'],
  ['losses', 'constraints', 'transforms', 'metrics', 'export', 'serve'],
  ['models'],
  ['backends', 'gradients', 'layers', 'optimizers', 'data', 'io'],
  ['codecs'],
  ['tfjs-internals'],
  ['core'],
];

/** Rooms that may import Node's own modules. */
const nodeRooms = ['platforms/node', 'cli'];

/** A source file, by its path from src/, and what it imports, as written. */
export interface SourceFile {
  readonly path: string;
  readonly imports: readonly string[];
}

/** A source file with its text. */
export interface SourceText extends SourceFile {
  readonly code: string;
}

/** Reads every TypeScript file of src/ but the AssemblyScript ones. */
export function readSources(): SourceText[] {
  const root = fileURLToPath(new URL('../../src', import.meta.url));
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.includes('/assembly/'))
    .map((path) => {
      const code = readFileSync(posix.join(root, path), 'utf8');
      return { path, imports: importsOf(code), code };
    });
}

/** What a file imports, exports from or loads later: types, values and `import()` alike. */
export function importsOf(code: string): string[] {
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);
}

/**
 * What a file keeps for the whole process in a map or a set, one line for each. State belongs to an object, which can be
 * made twice and freed; a table that never changes is a `const` typed `ReadonlyMap` or `ReadonlySet`.
 */
export function findSharedState(path: string, code: string): string[] {
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || isOfInstances(node)) return;
    if (ts.isNewExpression(node)) {
      const kind = node.expression.getText(file);
      const isCollection = ['Map', 'Set', 'WeakMap', 'WeakSet'].includes(kind);
      if (isCollection && !isConstantTable(node, file)) {
        const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
        found.push(`${path}:${line} keeps a ${kind} for the whole process: let an object hold it`);
      }
    }
    ts.forEachChild(node, walk);
  };
  walk(file);
  return found;
}

/** A property that each instance of a class has for itself. */
function isOfInstances(node: ts.Node): boolean {
  if (!ts.isPropertyDeclaration(node)) return false;
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) !== true;
}

function isConstantTable(node: ts.NewExpression, file: ts.SourceFile): boolean {
  const holder = node.parent;
  const isTyped =
    (ts.isVariableDeclaration(holder) && (holder.parent.flags & ts.NodeFlags.Const) !== 0) ||
    ts.isPropertyDeclaration(holder);
  return isTyped && /^Readonly(Map|Set)\b/.test(holder.type?.getText(file) ?? '');
}

/** Every break of the architecture's rules, one sentence each. */
export function findBreaches(files: readonly SourceFile[], packages: readonly string[]): string[] {
  const known = new Set(files.map(({ path }) => path));
  return files.flatMap((file) => [
    ...roomBreaches(file.path),
    ...file.imports.flatMap((imported) =>
      imported.startsWith('.')
        ? insideBreaches(file.path, imported, known)
        : outsideBreaches(file.path, imported, packages),
    ),
  ]);
}

/** Files that import each other in a circle, each circle as `a → b → a`. Imports of types count: they hide the layering from a reader. */
export function findCycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.filter((name) => name.startsWith('.')).map((name) => resolve(path, name)),
    ]),
  );
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}

/** The room a file is in, or `undefined` for src/index.ts, the public face above all floors. */
function roomOf(path: string): string | undefined {
  const folders = path.split('/').slice(0, -1);
  return folders.length === 0
    ? undefined
    : folders.slice(0, folders[0] === 'platforms' ? 2 : 1).join('/');
}

function floorOf(room: string | undefined): number {
  if (room === undefined) return floors.length + 1;
  return floors.length - floors.findIndex((rooms) => rooms.includes(room));
}

function roomBreaches(path: string): string[] {
  const room = roomOf(path);
  if (room === undefined) {
    return path === 'index.ts'
      ? []
      : [`${path} is in no room: only index.ts stands in src/ itself`];
  }
  return floors.flat().includes(room) ? [] : [`${path} is in room ${room}, which is on no floor`];
}

function insideBreaches(from: string, imported: string, known: ReadonlySet<string>): string[] {
  const to = resolve(from, imported);
  const [own, other] = [roomOf(from), roomOf(to)];
  if (!known.has(to)) return [`${from} imports ${imported}, which does not exist`];
  if (posix.basename(to) === 'index.ts') {
    return [`${from} imports ${to}, a public face: import the file that defines the name`];
  }
  if (own === undefined && (other === 'cli' || other?.startsWith('platforms/') === true)) {
    return [`${from} imports ${to}, but the root runs on every platform`];
  }
  if (own === other || floorOf(other) < floorOf(own)) return [];
  return [
    `${from} (floor ${floorOf(own)}) imports ${to} (floor ${floorOf(other)}): imports only go down`,
  ];
}

function outsideBreaches(from: string, imported: string, packages: readonly string[]): string[] {
  const name = imported.split('/', imported.startsWith('@') ? 2 : 1).join('/');
  if (imported.startsWith('node:') || builtinModules.includes(name)) {
    return nodeRooms.includes(roomOf(from) ?? '')
      ? []
      : [`${from} imports ${imported}: only ${nodeRooms.join(' and ')} may`];
  }
  return packages.includes(name) ? [] : [`${from} imports ${imported}, which users do not have`];
}

function resolve(from: string, imported: string): string {
  return posix.join(posix.dirname(from), imported);
}
