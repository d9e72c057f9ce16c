import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tableDataset } from 'tfjs-gan/tabular';
import { runExample } from './run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('npm run example -- synthetic-table', () => {
  test('writes rows that can be read again, and the requested ones', async () => {
    const out = await temporaryFolder();
    const { code, errors } = await runExample('synthetic-table', ['--quick', '--out', out]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const made = tableDataset(await readFile(join(out, 'penguins.csv')));
    expect(made.columns.map(({ name }) => name)).toEqual([
      ...['species', 'island', 'beak', 'depth', 'mass', 'sex'],
    ]);
    const adelies = tableDataset(await readFile(join(out, 'adelies.csv'))).rows();
    expect(adelies).toHaveLength(50);
    const fits = adelies.every(({ species, mass }) => species === 'Adelie' && Number(mass) >= 4000);
    expect(fits).toBe(true);
    expect(JSON.parse(await readFile(join(out, 'report.json'), 'utf8'))).toHaveProperty('shapes');
  });
});
