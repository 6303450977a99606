import { describe, expect, it } from 'vitest';
import { ruleProblems, rulesPage, type TextFile } from '#scripts/rules-page.ts';
import type { Rule, RuleGroup } from '#scripts/rules-table.ts';

const table = (...rules: Partial<Rule>[]): RuleGroup[] => [
  { title: 'Invites', rules: rules.map((rule) => ({ id: 'I9', sentence: 'Invites end.', ...rule })) },
];
const source = (name: string, comment: string, code = ''): TextFile => ({
  path: `src/${name}.ts`,
  text: `/**\n${comment
    .split('\n')
    .map((line) => ` * ${line}`.trimEnd())
    .join('\n')}\n */\n${code}`,
});
const test = (name: string, title: string): TextFile => ({
  path: `test/unit/${name}.test.ts`,
  text: `it('${title}', () => {});\n`,
});
const LIFE = source('model/invites', 'Invites.\n\nDecides I9: how long one is open.');
const AGAIN = source('planning/invites', 'Decides I9: when it is sent again.');
const CITED = test('planning/members', 'ends after seven days (I9)');
const LISTED = { decidedBy: ['src/model/invites.ts', 'src/planning/invites.ts'] };

describe('the rules', () => {
  it('fit together where one file decides and a test cites', () => {
    expect(ruleProblems(table({}), [LIFE], [CITED])).toEqual([]);
  });

  it('are each decided by a file', () => {
    const mentions = source('cli/invites', 'Sends an invite (I9).');
    expect(ruleProblems(table({}), [mentions], [CITED])).toEqual(['I9 is decided by no file.']);
  });

  it('are each cited by a test', () => {
    const other = test('planning/members', 'ends after seven days (I90, rail 20)');
    expect(ruleProblems(table({}), [LIFE], [other])).toEqual(['I9 is cited by no test.']);
  });

  it('are decided by several files only where the table lists them', () => {
    expect(ruleProblems(table({}), [LIFE, AGAIN], [CITED])).toEqual([
      'I9 is decided by src/model/invites.ts too, which the table does not list.',
      'I9 is decided by src/planning/invites.ts too, which the table does not list.',
    ]);
    expect(ruleProblems(table(LISTED), [LIFE, AGAIN], [CITED])).toEqual([]);
    expect(ruleProblems(table(LISTED), [LIFE], [CITED])).toEqual([
      'I9 is not decided by src/planning/invites.ts, which the table lists.',
    ]);
  });

  it('that are not built are decided by no file, and need no test', () => {
    const notBuilt = table({ notBuilt: 'Nobody invites.' });
    expect(ruleProblems(notBuilt, [], [])).toEqual([]);
    expect(ruleProblems(notBuilt, [LIFE], [])).toEqual([
      'src/model/invites.ts decides I9, which the table says is not built.',
    ]);
  });

  it('stand in the table, once', () => {
    expect(ruleProblems(table({}, {}), [LIFE], [CITED])).toEqual(['I9 stands twice in the table.']);
    const unknown = source('model/cuts', 'Decides rail 80: nothing.');
    expect(ruleProblems(table({}), [LIFE, unknown], [CITED])).toEqual([
      'src/model/cuts.ts decides rail 80, which is not in the table.',
    ]);
  });

  it('are claimed by a file in its first comment, once', () => {
    const late = source('planning/grants', 'Late.', '/** Decides I9: too late to be seen. */\n');
    expect(ruleProblems(table({}), [LIFE, late], [CITED])).toEqual([
      'src/planning/grants.ts says what it decides elsewhere than at the start of a line of its first comment.',
    ]);
    const twice = source('model/invites', 'Decides I9: one part.\nDecides I9: another.');
    expect(ruleProblems(table({ decidedBy: [twice.path] }), [twice], [CITED])).toEqual([
      'src/model/invites.ts says twice that it decides I9.',
    ]);
  });

  it.each(['rail 70', 'rails 30 and 70', 'Rails 20, 70 and 90'])('are cited as %s', (words) => {
    const decided = source('model/cuts', 'Decides rail 70: cuts.');
    expect(ruleProblems(table({ id: 'rail 70' }), [decided], [test('cuts', `stay (${words})`)])).toEqual([]);
  });

  it('are shown with the part of each file, across lines, and with the tests', () => {
    const wrapped = source('planning/invites', 'Decides I9: when it is\nsent again.\n\nNot of the part.');
    const page = rulesPage(table({ ...LISTED, missing: 'counting.' }), [wrapped, LIFE], [CITED]);
    expect(page).toContain(
      [
        '## Invites',
        '',
        '### I9',
        'Invites end.',
        '',
        'Not built yet: counting.',
        '',
        '- [src/model/invites.ts](../src/model/invites.ts): how long one is open',
        '- [src/planning/invites.ts](../src/planning/invites.ts): when it is sent again',
        '',
        'Tests: [unit/planning/members](../test/unit/planning/members.test.ts)',
      ].join('\n'),
    );
  });
});
