import {
  type Application,
  Comment,
  CommentTag,
  type Context,
  Converter,
  type DocumentReflection,
  ReflectionKind,
} from 'typedoc';

/** Folders of docs/ with pages for readers, and the heading each has in the sidebar. */
const shelves: Readonly<Record<string, string>> = {
  guide: 'Guide',
  results: 'Measured',
  decisions: 'Decisions',
};

/** What the sidebar calls a room of src/ where its folder's name would not do; the deepest folder counts. */
const rooms: Readonly<Record<string, string>> = {
  adversarial: 'Losses',
  core: 'Shared words',
  dcgan: 'Networks',
  io: 'Files',
  mlp: 'Networks',
  models: 'Networks',
  resnet: 'Networks',
  schedules: 'Learning rates',
  sngan: 'Networks',
  steps: 'Training',
  'wasm-train': 'Backends',
};

/**
 * TypeDoc plugin: the sidebar sorts pages by folder and the API by room of src/, and a page is called by its own
 * heading, up to a colon.
 *
 * So nobody writes `@category` into two hundred comments, and a new file is in its place by lying there.
 */
export function load(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    for (const page of project.getReflectionsByKind(ReflectionKind.Document)) {
      if (page.isDocument()) placePage(page);
    }
    for (const symbol of (project.children ?? []).flatMap(({ children }) => children ?? [])) {
      const path = project.getSymbolIdFromReflection(symbol)?.packagePath;
      if (path === undefined) continue;
      symbol.comment ??= new Comment();
      symbol.comment.blockTags.push(
        new CommentTag('@category', [{ kind: 'text', text: roomOf(path) }]),
      );
    }
  });
}

function placePage(page: DocumentReflection): void {
  const shelf = shelves[page.name.split('/')[0]!];
  const heading = /^# ([^:\n]+)/.exec(Comment.combineDisplayParts(page.content));
  if (shelf === undefined || heading === null) {
    throw new Error(
      `docs/${page.name}.md must lie in a folder that is named here and begin with a heading`,
    );
  }
  page.frontmatter['category'] = shelf;
  page.name = heading[1]!.replaceAll(/[`*]/g, '');
}

function roomOf(path: string): string {
  const folder = path.split('/').at(-2) ?? '';
  return rooms[folder] ?? capitalised(folder);
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
