import { describe, expect, test } from 'vitest';
import { withDefaults } from '../../src/core/checks.ts';

interface Options {
  readonly size: number;
  readonly kind?: 'round' | 'square' | undefined;
  readonly name?: string | undefined;
}

describe('withDefaults', () => {
  const fill = (options: Options, others: readonly string[] = []) =>
    withDefaults('draw', options, { size: undefined, kind: 'round', name: undefined }, others);

  test('takes the default of what is left out or undefined', () => {
    const filled = { size: 3, kind: 'round', name: undefined };
    expect(fill({ size: 3 })).toEqual(filled);
    expect(fill({ size: 3, kind: undefined })).toEqual(filled);
  });

  test('keeps what is given, null and zero too', () => {
    expect(fill({ size: 0, kind: 'square' })).toMatchObject({ size: 0, kind: 'square' });
    expect(fill({ size: 3, name: null as never })).toMatchObject({ name: null });
  });

  test('refuses names without a default, but for those that are read elsewhere', () => {
    const misspelt = { size: 3, colour: 'red' };
    expect(() => fill(misspelt)).toThrow(
      "Cannot draw: options must have only the names size, kind, name, got 'colour'",
    );
    expect(fill(misspelt, ['colour'])).not.toHaveProperty('colour');
  });
});
