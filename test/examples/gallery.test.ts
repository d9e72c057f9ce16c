import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryPath } from '../support/public-api.ts';

const gallery = readFileSync(repositoryPath('examples/README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};
const lessons = readdirSync(repositoryPath('examples')).filter((name) =>
  existsSync(repositoryPath(`examples/${name}/main.ts`)),
);

describe.each(lessons)('examples/%s', (name) => {
  const main = readFileSync(repositoryPath(`examples/${name}/main.ts`), 'utf8');
  const [learn = '', run = '', appears = ''] = main.split('\n');

  test('says what one learns, how to run it, how long it takes and what appears', () => {
    expect(learn).toMatch(/^\/\/ What you learn: \S/);
    expect(run).toMatch(/^\/\/ Run it: npm run /);
    expect(appears).toMatch(/^\/\/ .*(second|minute|long)/);
  });

  test('starts by the command that its header names', () => {
    const [, script = '', named = name] = /npm run ([\w]+)(?: -- ([\w-]+))?/.exec(run) ?? [];
    const started = script === 'example' ? 'examples/main.ts' : `examples/${name}/`;
    expect(scripts[script]).toContain(started);
    expect(named).toBe(name);
  });

  test('imports the package by its name', () => {
    expect(main).toMatch(/from 'tfjs-gan[/']/);
    expect(main).not.toMatch(/from '[./]*\/src\//);
  });

  test('is in the gallery', () => {
    expect(gallery).toContain(`](${name}/`);
  });
});

describe('the gallery', () => {
  test('shows pictures that are there', () => {
    const pictures = [...gallery.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path = '']) => path);
    expect(pictures.length).toBeGreaterThan(0);
    const missing = pictures.filter((path) => !existsSync(repositoryPath(join('examples', path))));
    expect(missing).toEqual([]);
  });
});
