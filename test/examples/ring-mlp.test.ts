import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectSvg } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- ring-mlp', () => {
  test('counts the clusters of both trainings and draws every point', async () => {
    const { out, output } = await runWell('ring-mlp', '--quick');
    for (const name of ['before', 'after']) {
      expect(output).toMatch(
        new RegExp(String.raw`^${name} +\d of 8 clusters, \d+\.\d% of the`, 'm'),
      );
      await expectSvg(join(out, `${name}.svg`));
      // 2,500 samples and 8 centers
      const picture = await readFile(join(out, `${name}.svg`), 'utf8');
      expect(picture.match(/<circle /g)).toHaveLength(2508);
    }
  });
});
