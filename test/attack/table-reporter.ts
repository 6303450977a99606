import type { Reporter, TestModule } from 'vitest/node';
import { attackTable, type Ran, redScenarios } from './table.ts';

/** Prints the table of the attacks from what ran; a scenario of which a half did not run is as red as one that failed. */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const halves = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test): Ran[] => {
        const { attack } = test.meta();
        return attack === undefined
          ? []
          : [{ file: module.relativeModuleId, meta: attack, passed: test.result().state === 'passed' }];
      }),
    );
    console.log(`\n${attackTable(halves)}\n`);
    const red = redScenarios(halves);
    if (red.length === 0) return;
    console.log(`not held: ${red.join('; ')}\n`);
    process.exitCode ||= 1;
  }
}
