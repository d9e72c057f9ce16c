import { describe, expect, test } from 'vitest';
import { tableDataset } from '../../../src/data/table/read-table.ts';

describe('tableDataset of large data', () => {
  test('takes a million categories', () => {
    const lines = Array.from({ length: 1_000_000 }, (_, i) => `reason ${i} of many`);
    const table = tableDataset(`x\n${lines.join('\n')}\n`, { columns: { x: 'category' } });
    expect(table.columns[0]?.distinct).toBe(1_000_000);
    expect(table.codec.width).toBe(256);
    expect(table.rows(999_999)).toEqual([{ x: 'reason 999999 of many' }]);
  });
});
