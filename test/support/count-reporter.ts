import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Ends the output of a run with one line, `12 passed, 0 failed`, for scripts to read.
 *
 * A file that cannot be loaded and an error outside any test count as failures: they fail the run as well.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandled.length;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const broken = tests.filter((test) => test.result().state === 'failed').length;
      passed += tests.filter((test) => test.result().state === 'passed').length;
      // A hook or an import that throws fails the file though no test of it failed.
      failed += broken === 0 && module.state() === 'failed' ? 1 : broken;
    }
    // On exit, so that nothing of vitest's own comes after it.
    process.once('exit', () => writeSync(1, `${passed} passed, ${failed} failed\n`));
  }
}
