import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import quick from '../../vitest.quick.config.ts';
import config from '../../vitest.config.ts';
import { repositoryPath } from './public-api.ts';
import { sharedTests } from './shared-tests.ts';
import { slowTests } from './slow-tests.ts';

/** What the project of a name runs, and what it leaves out. */
function projectOf(name: string): { include: readonly string[]; exclude: readonly string[] } {
  const projects = (config.test?.projects ?? []).flatMap((project) =>
    typeof project === 'object' && 'test' in project ? [project.test] : [],
  );
  const { include = [], exclude = [] } = projects.find((project) => project?.name === name) ?? {};
  return { include, exclude };
}

describe('slow tests', () => {
  test('are there, under these paths', () => {
    const missing = slowTests.filter((path) => !existsSync(repositoryPath(path)));
    expect(missing).toEqual([]);
  });

  test('are those that npm test leaves out, and no others', () => {
    const { include, exclude } = projectOf('node');
    expect(include).toEqual(['test/**/*.test.ts']);
    expect(exclude).toEqual(['test/browser/**/*.page.test.ts', ...slowTests, sharedTests()]);
    expect(projectOf('slow').include).toEqual(slowTests);
  });

  test('are no quick ones', () => {
    expect(quick.test?.exclude).toEqual(expect.arrayContaining([...slowTests]));
  });

  test('are run by .ci/run, which runs every project', () => {
    const lines = readFileSync(repositoryPath('.ci/run'), 'utf8').trimEnd().split('\n');
    expect(lines.at(-1)).toBe('npx vitest run');
  });
});
