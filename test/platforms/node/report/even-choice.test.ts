import { describe, expect, test } from 'vitest';
import { evenChoice } from '../../../../src/platforms/node/report/even-choice.ts';

describe('evenChoice', () => {
  test('keeps first and last and as many between as the budget has room for', () => {
    expect(evenChoice([1, 1, 1, 1, 1], 3, 10)).toEqual([0, 2, 4]);
    expect(evenChoice([1, 1, 1, 1, 1], 9, 10)).toEqual([0, 1, 2, 3, 4]);
    expect(evenChoice([1, 1, 1, 1, 1], 9, 2)).toEqual([0, 4]);
    expect(evenChoice([5, 5], 6, 10)).toEqual([1]);
    expect(evenChoice([9], 6, 10)).toEqual([]);
    expect(evenChoice([], 6, 10)).toEqual([]);
  });
});
