import { describe, expect, test, vi } from 'vitest';
import { mnistSettings } from '../../examples/mnist-dcgan/settings.ts';
import { UsageError } from '../../examples/shared/flags.ts';

describe('mnistSettings', () => {
  test('without flags ends by steps and by the clock', () => {
    const settings = mnistSettings([]);
    expect(settings).toMatchObject({ epochs: undefined, batchSize: 32, baseFilters: 32, seed: 42 });
    expect(settings?.steps).toBeGreaterThan(0);
    expect(settings?.minutes).toBeLessThan(10);
  });

  test("--tutorial is the tutorial's DCGAN, without a time limit", () => {
    expect(mnistSettings(['--tutorial'])).toMatchObject({
      epochs: 50,
      steps: undefined,
      minutes: undefined,
      batchSize: 32,
      conditioning: 'none',
      baseFilters: 64,
      kernelSize: 5,
      latentSize: 100,
      saveEvery: 50,
      seed: 42,
    });
  });

  test('a flag goes before its preset, wherever it stands', () => {
    expect(mnistSettings(['--batch-size', '16', '--tutorial'])?.batchSize).toBe(16);
    expect(mnistSettings(['--tutorial', '--batch-size=16'])?.batchSize).toBe(16);
  });

  test('a length replaces the preset of the other kind, and its clock', () => {
    expect(mnistSettings(['--epochs', '5'])).toMatchObject({
      epochs: 5,
      steps: undefined,
      minutes: undefined,
    });
    expect(mnistSettings(['--tutorial', '--steps', '7', '--minutes', '2'])).toMatchObject({
      epochs: undefined,
      steps: 7,
      minutes: 2,
    });
  });

  test('--help prints every flag and gives no settings', () => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(mnistSettings(['--help'])).toBeUndefined();
    const printed = String(print.mock.calls[0]?.[0]);
    print.mockRestore();
    for (const name of Object.keys(mnistSettings([]) ?? {})) {
      expect(printed).toContain(`--${name.replace(/[A-Z]/g, (x) => `-${x.toLowerCase()}`)} `);
    }
    expect(printed).toContain('--tutorial ');
  });

  test.each([
    ['--foo', "Cannot start: Unknown option '--foo'"],
    ['seven', "Cannot start: Unexpected argument 'seven'"],
    ['--batch-size=0', "Cannot start: --batch-size must be a positive integer, got '0'"],
    ['--steps=many', "Cannot start: --steps must be a positive integer, got 'many'"],
    ['--epochs=1.5', "Cannot start: --epochs must be a positive integer, got '1.5'"],
    ['--minutes=-1', "Cannot start: --minutes must be a positive number, got '-1'"],
    ['--seed=-1', "Cannot start: --seed must be an integer of at least 0, got '-1'"],
    ['--learning-rate=0', "Cannot start: --learning-rate must be a positive number, got '0'"],
    ['--beta1=1', "Cannot start: --beta1 must be at least 0 and less than 1, got '1'"],
    ['--beta1=', "Cannot start: --beta1 must be at least 0 and less than 1, got ''"],
    ['--split=all', "Cannot start: --split must be one of train, test, got 'all'"],
    ['--name=', "Cannot start: --name must be a nonempty text, got ''"],
    ['--overwrite=yes', "Cannot start: Option '--overwrite' does not take an argument"],
  ])('refuses %s', (flag, message) => {
    expect(() => mnistSettings([flag])).toThrow(new UsageError(message));
  });

  test('refuses two presets at once', () => {
    expect(() => mnistSettings(['--quick', '--tutorial'])).toThrow(
      'Cannot start: --tutorial and --quick cannot be combined',
    );
  });
});
