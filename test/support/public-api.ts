import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import manifest from '../../package.json' with { type: 'json' };

/** The source file behind each name users import from, as tsconfig.json's `paths` has them. */
export const publicFaces: Readonly<Record<string, string>> = {
  'tfjs-gan': 'src/index.ts',
  'tfjs-gan/node': 'src/platforms/node/index.ts',
  'tfjs-gan/browser': 'src/platforms/browser/index.ts',
  'tfjs-gan/worker': 'src/platforms/worker/index.ts',
  'tfjs-gan/metrics': 'src/metrics/index.ts',
  'tfjs-gan/export': 'src/export/index.ts',
  'tfjs-gan/import': 'src/import/index.ts',
  'tfjs-gan/serve': 'src/serve/index.ts',
  'tfjs-gan/features/mnist': 'src/metrics/features/mnist.ts',
  'tfjs-gan/image-to-image': 'src/presets/image-to-image/index.ts',
  'tfjs-gan/tabular': 'src/presets/tabular/index.ts',
  'tfjs-gan/latent': 'src/latent/index.ts',
  'tfjs-gan/layers': 'src/layers/index.ts',
  'tfjs-gan/backends/wasm-train': 'src/backends/wasm-train/index.ts',
};

/** The names users import from, as package.json's `exports` has them. */
export const subpaths: readonly string[] = Object.keys(manifest.exports)
  .filter((subpath) => !subpath.endsWith('.json'))
  .map((subpath) => subpath.replace('.', manifest.name));

/** A path from the top of the repository, as an absolute one. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The settings of tsconfig.json, fit for code that is not ours to tidy. */
function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(repositoryPath('tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as { config: unknown };
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, repositoryPath('.')).options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    isolatedDeclarations: false,
    verbatimModuleSyntax: false,
    declaration: false,
  };
}

/** What a module exports, by name, with aliases followed to the definition. */
export function exportsOf(program: ts.Program, path: string): Map<string, ts.Symbol> {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${path} is not a module`);
  return new Map(
    checker
      .getExportsOfModule(module)
      .map((symbol) => [
        symbol.name,
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      ]),
  );
}

/** Files of the disk, parsed once for all programs of a test file. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** A program over files, some of which may be given here in place of the disk's, by absolute path. */
export function programOf(
  paths: readonly string[],
  made: ReadonlyMap<string, string> = new Map(),
): ts.Program {
  const options = compilerOptions();
  const disk = ts.createCompilerHost(options, true);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => made.has(path) || disk.fileExists(path),
    readFile: (path) => made.get(path) ?? disk.readFile(path),
    getSourceFile: (path, ...rest) => {
      const code = made.get(path);
      if (code !== undefined) return ts.createSourceFile(path, code, ts.ScriptTarget.ES2022, true);
      if (!parsed.has(path)) parsed.set(path, disk.getSourceFile(path, ...rest));
      return parsed.get(path);
    },
  };
  return ts.createProgram({ rootNames: [...paths], options, host });
}
