import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with its counts alone on a line, for whoever reads the log by a program. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      // A file that could not be loaded has no tests; it failed all the same.
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    const skipped = counts.skipped + counts.pending;
    process.on('exit', () => {
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${skipped} skipped`);
    });
  }
}
