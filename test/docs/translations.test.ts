import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { repositoryPath } from '../support/public-api.ts';

describe('README.zh-CN.md', () => {
  test('has the code blocks of README.md, in its order', async () => {
    const [english, chinese] = await Promise.all([
      codeBlocks('README.md'),
      codeBlocks('README.zh-CN.md'),
    ]);
    expect(english.length).toBeGreaterThan(3);
    expect(chinese).toEqual(english);
  });
});

async function codeBlocks(file: string): Promise<readonly string[]> {
  const text = await readFile(repositoryPath(file), 'utf8');
  return text.match(/^```[\s\S]*?^```$/gm) ?? [];
}
