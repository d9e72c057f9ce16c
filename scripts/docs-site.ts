import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import {
  Application,
  Comment,
  type CommentDisplayPart,
  CommentTag,
  type Context,
  Converter,
  DefaultTheme,
  type DeclarationReflection,
  DocumentReflection,
  IndexEvent,
  JSX,
  KindRouter,
  type NormalizedPath,
  PageEvent,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  RendererEvent,
  type Theme,
} from 'typedoc';
import { build } from 'vite';
import { findMisses, synonyms } from './docs-site/search.ts';
import { type Home, linkNames, withImports } from './docs-site/text.ts';

/** A page of the site that is a file of the repository: its address, its heading in the sidebar, its name if it has another one there. */
interface Place {
  readonly address: string;
  readonly shelf: string;
  readonly name?: string;
}

const root = join(import.meta.dirname, '..');

/** Folders of docs/ with pages for readers, and the heading each has in the sidebar. */
const shelves: Readonly<Record<string, string>> = {
  guide: 'Guide',
  results: 'Measured',
  decisions: 'Decisions',
};

/** Pages that lie elsewhere. */
const places: Readonly<Record<string, Place>> = {
  'docs/README.md': { address: 'overview', shelf: 'Guide' },
  'examples/README.md': { address: 'examples', shelf: 'Examples', name: 'All examples' },
  'CONTRIBUTING.md': { address: 'contributing', shelf: 'Contributing' },
  'src/README.md': { address: 'architecture', shelf: 'Contributing', name: 'Architecture' },
  'docs/notation.md': { address: 'notation', shelf: 'Contributing' },
  'docs/decisions/README.md': { address: 'decisions', shelf: 'Decisions', name: 'All decisions' },
};

/** What the sidebar calls a room of src/ where its folder's name would not do; the deepest folder counts. */
const rooms: Readonly<Record<string, string>> = {
  adversarial: 'Losses',
  core: 'Shared words',
  dcgan: 'Networks',
  image: 'Layers',
  'image-to-image': 'Presets',
  io: 'Files',
  loop: 'Training',
  mlp: 'Networks',
  models: 'Networks',
  patch: 'Networks',
  r3gan: 'Networks',
  resnet: 'Networks',
  schedules: 'Learning rates',
  sngan: 'Networks',
  state: 'Training',
  tabular: 'Presets',
  steps: 'Training',
  translators: 'Networks',
  card: 'Export',
  onnx: 'Export',
  torch: 'Export',
  'wasm-train': 'Backends',
};

/** Where the landing page leads, below its first words. */
const cards: readonly (readonly [address: string, title: string, text: string])[] = [
  ['guide/getting-started', 'Getting started', 'From npm install to images'],
  ['demo/index', 'Live demo', 'A GAN that trains in your browser'],
  ['overview', 'Overview', 'What there is, all guides, other libraries'],
  ['examples', 'Examples', 'One lesson each, with pictures'],
  ['modules', 'API', 'Every function, class and type'],
  ['results/mnist', 'Measured', 'Quality and speed, beside PyTorch'],
];

/**
 * TypeDoc plugin: what the site has beyond TypeDoc's own means.
 *
 * - The sidebar sorts pages by folder and the API by room of src/, so nobody writes `@category` into two hundred
 *   comments, and a new file is in its place by lying there. A page is called by its own heading, up to a colon.
 * - Addresses are short, and made of paths and names only: they stay when a page is added or a heading changes.
 * - Inline code links to the API; the first block of a page has its imports; each example is a page.
 * - The demo is built into `demo/`.
 * - The search knows synonyms, and the build fails if a query of `docs-site/search.ts` misses its page. This is no test
 *   of `npm test`, for the index is what a build of the whole site leaves.
 */
export function load(app: Application): void {
  app.renderer.defineRouter('short', ShortAddresses);
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue('markdownItLoader', adaptMarkdown);
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    addExamples(project);
    placePages(project);
    placeSymbols(project);
    writePages(project);
  });
  app.renderer.on(IndexEvent.PREPARE_INDEX, addSynonyms);
  app.renderer.on(PageEvent.BEGIN, (page: PageEvent) => {
    compileGrammar(app.renderer.theme, page);
  });
  app.renderer.on(PageEvent.END, finishPage);
  app.renderer.hooks.on('content.end', ({ page, urlTo }) => pager(page.model, urlTo));
  app.renderer.on(RendererEvent.BEGIN, ({ outputDirectory }: RendererEvent) => {
    app.renderer.postRenderAsyncJobs.push(async () => {
      const misses = findMisses(join(outputDirectory, 'assets', 'search.js'));
      for (const miss of misses) app.logger.error(miss);
      await build({
        configFile: join(root, 'examples/browser-demo/vite.config.ts'),
        logLevel: 'error',
        build: { outDir: join(outputDirectory, 'demo') },
      });
    });
  });
}

/** Addresses such as `guide/workers`, `api/Trainer`, `api/node/loadMnist` and `api/types/TrainerOptions`. */
class ShortAddresses extends KindRouter {
  override getIdealBaseName(target: Reflection): string {
    return addressOf(target);
  }
}

function addressOf(target: Reflection): string {
  if (target.isDocument()) return String(target.frontmatter['address']);
  if (target.kindOf(ReflectionKind.Module)) return `api/${target.name.replace('tfjs-gan/', '')}`;
  const entry = target.parent?.name ?? '';
  const folder = entry === 'tfjs-gan' ? 'api' : entry.replace('tfjs-gan/', 'api/');
  // Names that differ in case only, such as `evaluateEvery` and `EvaluateEvery`, are one file on some disks.
  return `${folder}/${isType(target) ? 'types/' : ''}${target.name}`;
}

function isType(target: Reflection): boolean {
  return target.kindOf([ReflectionKind.Interface, ReflectionKind.TypeAlias]);
}

/** Makes a page of each example: what examples/README.md says and shows of it, and its code. */
function addExamples(project: ProjectReflection): void {
  const overview = documentsOf(project).find((page) => pathOf(page) === 'examples/README.md');
  const sections = new Map<string, CommentDisplayPart[]>();
  let section: CommentDisplayPart[] = [];
  for (const part of overview?.content ?? []) {
    const [before = '', ...starts] = part.kind === 'text' ? part.text.split(/^### /m) : [''];
    section.push(part.kind === 'text' ? { kind: 'text', text: before } : part);
    for (const start of starts) {
      const [name = ''] = start.split('\n', 1);
      section = [{ kind: 'text', text: start.slice(name.length) }];
      sections.set(name, section);
    }
  }
  for (const { name } of readdirSync(join(root, 'examples'), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'shared',
  )) {
    const path = join(root, 'examples', name, 'main.ts');
    const code = readFileSync(path, 'utf8');
    const lesson = /^\/\/ What you learn: (.+)/.exec(code)?.[1] ?? '';
    const page = new DocumentReflection(
      name,
      project,
      [
        { kind: 'text', text: `# ${name}\n\n${capitalised(lesson)}\n\n` },
        ...(sections.get(name) ?? []),
        { kind: 'text', text: `\n\n## main.ts\n\n` },
        { kind: 'code', text: `\`\`\`ts\n${readFileSync(path, 'utf8')}\`\`\`` },
      ],
      {},
    );
    project.addChild(page);
    project.registerReflection(page, undefined, path as NormalizedPath);
  }
}

function placePages(project: ProjectReflection): void {
  const taken = new Set<string>();
  for (const page of documentsOf(project)) {
    const path = pathOf(page);
    const heading = /^# (.+)/.exec(Comment.combineDisplayParts(page.content))?.[1];
    const { address, shelf, name } = placeOf(path) ?? {};
    if (shelf === undefined || heading === undefined) {
      throw new Error(`${path} must have a place in scripts/docs-site.ts and begin with a heading`);
    }
    const plain = heading.replaceAll(/[`*]/g, '');
    const [short = plain] = plain.split(':');
    page.name = name ?? (taken.has(short) ? plain : short);
    if (taken.has(page.name)) throw new Error(`Two pages are called "${page.name}"`);
    taken.add(page.name);
    page.frontmatter['category'] = shelf;
    page.frontmatter['address'] = address;
  }
  const guide = guideOf(project).map((page) => basename(pathOf(page)));
  const missing = readdirSync(join(root, 'docs/guide')).filter((file) => !guide.includes(file));
  if (missing.length > 0) {
    throw new Error(`typedoc.json must say where in the guide is ${missing.join(', ')}`);
  }
}

function placeOf(path: string): Place | undefined {
  const [folder = '', name = '', file = ''] = path.split('/');
  if (path in places) return places[path];
  if (folder === 'examples') return { address: `examples/${name}`, shelf: 'Examples' };
  const shelf = shelves[name];
  return shelf === undefined ? undefined : { address: `${name}/${file.replace('.md', '')}`, shelf };
}

function placeSymbols(project: ProjectReflection): void {
  for (const symbol of symbolsOf(project)) {
    const path = project.getSymbolIdFromReflection(symbol)?.packagePath;
    if (path === undefined) continue;
    symbol.comment ??= new Comment();
    symbol.comment.blockTags.push(
      new CommentTag('@category', [{ kind: 'text', text: roomOf(path) }]),
    );
  }
}

function roomOf(path: string): string {
  const folder = path.split('/').at(-2) ?? '';
  return rooms[folder] ?? capitalised(folder);
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Writes links to the API into pages, and imports into the first block of pages and comments. */
function writePages(project: ProjectReflection): void {
  const symbols = new Map<string, DeclarationReflection>();
  for (const symbol of symbolsOf(project)) {
    // Where two subpaths have a name, the first one counts; a value before a type of its name.
    if (!symbols.has(symbol.name)) symbols.set(symbol.name, symbol);
  }
  const find = (name: string): Reflection | undefined => {
    const [symbol = '', member] = name.split('.');
    const found = symbols.get(symbol);
    return member === undefined ? found : found?.getChildByName([member]);
  };
  const homeOf = (name: string): Home | undefined => {
    const symbol = symbols.get(name);
    return symbol && { from: symbol.parent?.name ?? '', isType: isType(symbol) };
  };
  for (const page of [project, ...documentsOf(project)]) {
    const isPage = page.isDocument();
    const content = (isPage ? page.content : page.readme) ?? [];
    const written = linkNames(withImports(content, homeOf), find);
    if (isPage) page.content = written;
    else page.readme = written;
  }
  for (const symbol of symbolsOf(project)) {
    const here = (name: string): Home | undefined =>
      name === symbol.name
        ? { from: symbol.parent?.name ?? '', isType: isType(symbol) }
        : homeOf(name);
    const comments = [symbol, ...(symbol.signatures ?? [])].map(({ comment }) => comment);
    for (const tag of comments.flatMap((comment) => comment?.blockTags ?? [])) {
      if (tag.tag === '@example') tag.content = withImports(tag.content, here);
    }
  }
}

function addSynonyms(event: IndexEvent): void {
  const unused = new Set(Object.keys(synonyms));
  // Much: the index divides by how long a field is beside its mean, and nearly all pages have none.
  event.searchFieldWeights['synonyms'] = 10_000;
  for (const [index, target] of event.searchResults.entries()) {
    if (target.parent?.kindOf([ReflectionKind.Module, ReflectionKind.Project]) !== true) continue;
    const address = addressOf(target);
    if (address.startsWith('guide/')) target.relevanceBoost = 3;
    const words = synonyms[address];
    if (words === undefined) continue;
    event.searchFields[index]!['synonyms'] = words;
    unused.delete(address);
  }
  if (unused.size > 0) throw new Error(`No page is at ${[...unused].join(', ')}`);
}

/** Wraps tables in boxes that scroll, and code into the anchors of headings, as GitHub has it. */
function adaptMarkdown(parser: MarkdownIt): void {
  const { rules } = parser.renderer;
  rules['table_open'] = () =>
    '<div class="table-scroll" role="region" aria-label="Table" tabindex="0"><table>\n';
  rules['table_close'] = () => '</table></div>\n';
  parser.core.ruler.push('code-in-headings', ({ tokens }) => {
    for (const [index, { type }] of tokens.entries()) {
      if (type !== 'heading_open') continue;
      for (const part of tokens[index + 1]?.children ?? []) {
        if (part.type === 'code_inline') part.children = [{ type: 'text', content: part.content }];
      }
    }
  });
}

/** The parts of markdown-it that are used here; it comes without types. */
interface MarkdownIt {
  readonly renderer: { readonly rules: Record<string, () => string> };
  readonly core: {
    readonly ruler: { push(name: string, rule: (state: { tokens: Token[] }) => void): void };
  };
}

interface Token {
  readonly type: string;
  readonly content: string;
  children?: Token[] | null;
}

/**
 * Colors some code and drops the result. The first code of a language compiles its grammar; on a busy machine that takes
 * longer than is allowed for a line, and the rest of the line gets one color.
 */
function compileGrammar(theme: Theme | undefined, page: PageEvent): void {
  if (page.url !== 'index.html' || !(theme instanceof DefaultTheme)) return;
  const code = "import { a } from 'a';\nconst b = await a.b({ c: [1, 'd'] });";
  theme
    .getRenderContext(page as PageEvent<Reflection>)
    .markdown([{ kind: 'code', text: `\`\`\`ts\n${code}\n\`\`\`` }]);
}

/** Gives a page its own description, and the landing page its cards. */
function finishPage(page: PageEvent): void {
  if (page.contents === undefined) return;
  page.contents = replaceOnce(
    page.contents,
    /<meta name="description" content="[^"]*"\/?>/,
    () =>
      `<meta name="description" content="${escaped(descriptionOf(page.model as Reflection))}"/>`,
  );
  if (page.url === 'index.html') {
    const links = cards.map(
      ([address, title, text]) => `<a href="${address}.html"><strong>${title}</strong>${text}</a>`,
    );
    // In the place of the line that leads to other languages, below what the library is.
    page.contents = replaceOnce(
      page.contents,
      /<p>English · .*?<\/p>(.*?<\/p>)/s,
      (first) => `${first}<nav class="site-cards" aria-label="Start">${links.join('')}</nav>`,
    );
  }
}

function replaceOnce(text: string, part: RegExp, by: (group: string) => string): string {
  if (!part.test(text)) throw new Error(`A page of the site lacks ${String(part)}`);
  return text.replace(part, (_all, group: string) => by(group));
}

function descriptionOf(model: Reflection): string {
  if (model.isProject()) {
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { description: string }).description;
  }
  if (model.isDocument()) {
    const paragraphs = Comment.combineDisplayParts(model.content).split(/\n\s*\n/);
    const first = paragraphs.find((text) => /^[A-Z`*[]/.test(text.trim()));
    return shortened(first ?? model.name);
  }
  const signature = model.isDeclaration() ? model.signatures?.[0] : undefined;
  const summary = [model, signature].flatMap((part) => part?.comment?.summary ?? []);
  return shortened(Comment.combineDisplayParts(summary) || `${model.name} of tfjs-gan`);
}

/** The first 160 characters of a Markdown text, without its marks. */
function shortened(text: string): string {
  const plain = text
    .replaceAll(/\{@\w+ ([^}|]*)[^}]*\}/g, '$1')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.length <= 160 ? plain : `${plain.slice(0, 159).replace(/\s\S*$/, '')}…`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** Links to the pages before and after a page of the guide. */
function pager(model: Reflection, urlTo: (target: Reflection) => string | undefined): JSX.Element {
  const guide = guideOf(model.project);
  const place = guide.findIndex((page) => page === model);
  const link = (rel: string, title: string, page: Reflection | undefined): JSX.Element | null =>
    page === undefined
      ? null
      : JSX.createElement(
          'a',
          { rel, href: urlTo(page) },
          title,
          JSX.createElement('strong', null, page.name),
        );
  return place < 0
    ? JSX.createElement(JSX.Fragment, null)
    : JSX.createElement(
        'nav',
        { class: 'site-pager', 'aria-label': 'Guide' },
        link('prev', 'Previous', guide[place - 1]),
        link('next', 'Next', guide[place + 1]),
      );
}

function guideOf(project: ProjectReflection): DocumentReflection[] {
  return documentsOf(project).filter((page) => page.frontmatter['category'] === 'Guide');
}

/** Pages in the order of typedoc.json. */
function documentsOf(project: ProjectReflection): DocumentReflection[] {
  return project.documents ?? [];
}

function symbolsOf(project: ProjectReflection): DeclarationReflection[] {
  return (project.children ?? []).flatMap(({ children }) => children ?? []);
}

function pathOf(page: DocumentReflection): string {
  return relative(root, page.project.files.getReflectionPath(page) ?? '').replaceAll('\\', '/');
}
