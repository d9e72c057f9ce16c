import { format } from 'node:util';
import ts from 'typescript';
import { exportsOf, programOf, publicFaces, repositoryPath } from '../support/public-api.ts';
import { namesIn } from '../../scripts/docs-site/names-in.ts';
import type { Example } from './examples.ts';
import * as fixtures from './fixtures.ts';

/** An example as a whole module: what it takes for granted is imported or made on one line before it. */
export interface Module {
  readonly example: Example;
  readonly code: string;
}

/** Writes what each example takes for granted before it. */
export function completeExamples(examples: readonly Example[]): Module[] {
  const homes = homesOfNames();
  return examples.map((example) => {
    const { used, declared } = namesIn(example.code);
    const prelude = [...used]
      .filter((name) => !declared.has(name))
      .map((name) => homes.get(name) ?? '')
      .join(' ');
    return { example, code: `export {}; ${prelude}\n${example.code}\n` };
  });
}

/** The line that brings each name an example may take for granted. */
function homesOfNames(): ReadonlyMap<string, string> {
  const faces = Object.entries(publicFaces).map(
    ([from, path]) => [from, repositoryPath(path)] as const,
  );
  const program = programOf(faces.map(([, path]) => path));
  const homes = new Map<string, string>();
  // Where two subpaths have a name, the first one counts.
  for (const [from, path] of [...faces].reverse()) {
    for (const [name, symbol] of exportsOf(program, path)) {
      const kind = symbol.flags & ts.SymbolFlags.Value ? '' : 'type ';
      homes.set(name, `import { ${kind}${name} } from '${from}';`);
    }
  }
  homes.set('tf', "import * as tf from '@tensorflow/tfjs';");
  for (const name of Object.keys(fixtures)) {
    if (homes.has(name)) throw new Error(`The fixture ${name} hides the export of that name`);
    homes.set(
      name,
      `import { ${name} as make_${name} } from './fixtures.ts'; const ${name} = await make_${name}();`,
    );
  }
  return homes;
}

/** Type-checks examples against src/ in one go; one sentence for each fault, at the line it stands on. */
export function findTypeErrors(modules: readonly Module[]): string[] {
  const placed = modules.map((module, index) => ({
    ...module,
    path: repositoryPath(`test/docs/example-${index}.ts`),
  }));
  const program = programOf(
    placed.map(({ path }) => path),
    new Map(placed.map(({ path, code }) => [path, code])),
  );
  return placed.flatMap(({ path, example }) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ start = 0, messageText }) => {
        const line = example.line + (file?.getLineAndCharacterOfPosition(start).line ?? 1) - 1;
        return `${example.path}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  });
}

/** What `import` gives in a module that {@link runModule} runs. */
export type ModuleTable = Readonly<Record<string, unknown>>;

/** Runs a module, with `import` and `console.log` put in its place; returns what it printed. */
export async function runModule(module: Module, table: ModuleTable): Promise<string[]> {
  const { outputText } = ts.transpileModule(module.code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const printed: string[] = [];
  const show = {
    ...console,
    log: (...values: unknown[]): void => void printed.push(format(...values)),
  };
  const load = (name: string): unknown => {
    if (!(name in table)) throw new Error(`An example cannot import ${name}`);
    return table[name];
  };
  const AsyncFunction = runModule.constructor as new (
    ...parts: string[]
  ) => (load: unknown, exports: object, show: object) => Promise<void>;
  await new AsyncFunction('require', 'exports', 'console', outputText)(load, {}, show);
  return printed;
}
