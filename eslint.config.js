import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

/** Names that exist on one platform only; the rooms below `platforms` run on all of them. */
const platformGlobals = [
  ...['process', 'Buffer', 'require', 'module', '__dirname', '__filename'],
  ...['window', 'document', 'navigator', 'localStorage', 'indexedDB', 'Image', 'location'],
  ...['HTMLCanvasElement', 'HTMLImageElement', 'ImageData', 'OffscreenCanvas', 'self'],
].map((name) => ({
  name,
  message: 'Only src/platforms and src/cli may touch what one platform has.',
}));

const synchronousReads = {
  selector: 'MemberExpression[property.name=/^(dataSync|arraySync|bytesSync|readSync)$/]',
  message: 'WebGPU in Node has no synchronous read. Use `await tensor.data()`.',
};

const literalInLiteral = {
  selector: 'ObjectExpression > SpreadElement > ObjectExpression',
  message: 'Lay the properties out: a literal spread into a literal hides them.',
};

const clockAndChance = [
  { object: 'Math', property: 'random', message: 'Draw from core/random.ts, which has a seed.' },
  {
    object: 'Date',
    property: 'now',
    message: 'Only core/stopwatch.ts, src/platforms and src/cli may read the clock.',
  },
  {
    object: 'performance',
    property: 'now',
    message: 'Only core/stopwatch.ts, src/platforms and src/cli may read the clock.',
  },
];

/** Tests that pass whatever the code does. */
const testsThatCannotFail = [
  {
    selector:
      ":matches(CallExpression[callee.name='test'], CallExpression[callee.object.name='test'], " +
      "CallExpression[callee.callee.object.name='test']) > :function" +
      ':not(:has(CallExpression[callee.name=/^expect/], CallExpression[callee.object.name="expect"]))',
    message: 'A test must expect something; call a helper that does `expect…`.',
  },
  {
    selector:
      ":matches(IfStatement, ConditionalExpression, LogicalExpression) CallExpression[callee.name='expect']",
    message: 'Expect it always: what is not due must not count as a success.',
  },
  {
    selector:
      'CallExpression[callee.property.name=/^(asyncP|p)roperty$/] > :function ReturnStatement[argument=null]',
    message: 'Use fc.pre, which draws again: a run that returns counts as one that held.',
  },
];

const noIndexFromInside = {
  regex: String.raw`^\.{1,2}(/.*)?/index(\.ts)?$`,
  message: 'Import the file that defines the name, not a public face.',
};

const noNodeModules = {
  regex: `^(node:.*|${builtinModules.join('|')})$`,
  message: 'Only src/platforms and src/cli may import Node modules.',
};

export default defineConfig(
  globalIgnores([
    'dist/',
    'coverage/',
    'runs/',
    'docs/api/',
    'src/backends/wasm-train/assembly/',
    'test/package/fixtures/',
    // Of a package that is installed by hand.
    'bench/peers/*.mjs',
  ]),

  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // A contract is often kept by a function with nothing to await.
      '@typescript-eslint/require-await': 'off',
      // isolatedDeclarations requires types on exports that this rule calls trivial.
      '@typescript-eslint/no-inferrable-types': 'off',
      // Checks of arguments also test what callers without types may pass.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // In a loop bounded by the array's length, `values[i]!` is the honest reading.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Numbers are what most of our messages print.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // `{ [key: string]: T }` may name its key, which says more than `Record`.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', literalInLiteral],
    },
  },

  {
    plugins: { 'import-x': importX },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/extensions': ['.ts', '.js'],
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-self-import': 'error',
      'import-x/no-duplicates': 'error',
      'import-x/no-default-export': 'error',
      'import-x/order': [
        'error',
        {
          groups: [
            ['builtin', 'external', 'internal'],
            ['parent', 'sibling', 'index'],
          ],
          'newlines-between': 'ignore',
        },
      ],
    },
  },

  {
    files: ['src/**/*.ts'],
    plugins: { jsdoc },
    settings: {
      jsdoc: {
        mode: 'typescript',
        ignoreInternal: true,
        // TSDoc's name.
        tagNamePreference: { template: 'typeParam' },
      },
    },
    rules: {
      // Every export has a sentence. What is public is held to more by typedoc (each member) and by
      // test/docs/public-names.test.ts (each parameter and result): a linter cannot see what is public.
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: { esm: true },
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: [
            'ExportNamedDeclaration > TSInterfaceDeclaration',
            'ExportNamedDeclaration > TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
          enableFixer: false,
        },
      ],
      'jsdoc/require-param-description': 'error',
      'jsdoc/check-param-names': ['error', { checkDestructured: false }],
      'jsdoc/require-returns-check': 'error',
      'jsdoc/no-types': 'error',
      'jsdoc/check-tag-names': [
        'error',
        {
          definedTags: ['typeParam', 'defaultValue', 'remarks', 'packageDocumentation'],
        },
      ],
      'jsdoc/sort-tags': [
        'error',
        {
          alphabetizeExtras: false,
          linesBetween: 1,
          reportTagGroupSpacing: false,
          reportIntraTagGroupSpacing: false,
          tagSequence: [
            { tags: ['typeParam'] },
            { tags: ['param'] },
            { tags: ['returns'] },
            { tags: ['throws'] },
            { tags: ['defaultValue'] },
            { tags: ['example'] },
            { tags: ['see'] },
            { tags: ['internal'] },
          ],
        },
      ],

      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'no-restricted-globals': ['error', ...platformGlobals],
      'no-restricted-properties': ['error', ...clockAndChance],
      'no-restricted-syntax': ['error', literalInLiteral, synchronousReads],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [noIndexFromInside, noNodeModules] },
      ],
    },
  },
  {
    // Where the numbers run, reading them at once is the contract with tfjs.
    files: ['src/backends/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', literalInLiteral] },
  },
  {
    // One lends layers a seeded Math.random, the other measures time for reports.
    files: ['src/core/{math-random,stopwatch}.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // These ask the browser which graphics adapter it has.
    files: ['src/backends/{webgl,webgpu}.ts', 'src/backends/wasm-train/threads.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    files: ['src/platforms/**/*.ts', 'src/cli/**/*.ts'],
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-properties': [
        'error',
        ...clockAndChance.filter(({ object }) => object === 'Math'),
      ],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noIndexFromInside] }],
    },
  },

  {
    files: ['test/**/*.ts'],
    rules: {
      // What a user without types would pass is what many of these tests are about.
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
      'no-restricted-syntax': ['error', literalInLiteral, ...testsThatCannotFail],
    },
  },
  {
    files: ['**/*.config.{ts,js}', 'test/support/count-reporter.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
  },
);
