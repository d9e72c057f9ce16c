import { describe, expect, test } from 'vitest';
import { type Schedule, valueAt } from '../../../src/core/schedules/schedule.ts';

describe('valueAt', () => {
  const progress = { step: 3, update: 11, samples: 640, plannedSteps: 100 };

  test('is a number as it is', () => {
    expect(valueAt(0.25, progress)).toBe(0.25);
  });

  test('is what a schedule gives for the counts', () => {
    const sum: Schedule = {
      name: 'sum',
      valueAt: ({ step, update, samples, plannedSteps = 0 }) =>
        step + update + samples + plannedSteps,
    };
    expect(valueAt(sum, progress)).toBe(754);
  });
});
