import { afterAll, beforeEach, type MockInstance, vi } from 'vitest';

/** Keeps the warnings of a file's tests off the terminal; the spy tells those of the test under way. */
export function catchWarnings(): MockInstance<typeof console.warn> {
  const warn = vi.spyOn(console, 'warn');
  beforeEach(() => {
    warn.mockReset().mockImplementation(() => undefined);
  });
  afterAll(() => {
    warn.mockRestore();
  });
  return warn;
}
