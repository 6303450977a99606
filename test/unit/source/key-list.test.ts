import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withCompromised } from '#source/key-list.ts';
import { resource } from '#test/builders/resources.ts';

const CI = resource('MachineBinding', 'ci', { machineName: 'ci', projects: [], key: { secretName: 'ci' } });
/** Reads as a number where it stands without quotes. */
const PRINT = `1e${'0'.repeat(62)}`;
const OTHER = 'f'.repeat(64);

const binding = (key: string, name = 'ci') =>
  `kind: MachineBinding\nmetadata: {name: ${name}}\nspec:\n  machineName: ${name}\n${key}  projects: [] # none\n`;
const HEAD = '# Machines\n';
const named = (text: string | null) => (text === null ? null : parse(text).spec.key.compromised);

describe('a fingerprint that is added to the compromised keys of a binding in the text of its file', () => {
  it.each([
    ['a list of its own', '  key:\n    # Where.\n    secretName: ci\n', [PRINT]],
    ['one beside others', `  key:\n    compromised:\n      - ${OTHER}\n    secretName: ci\n`, [PRINT, OTHER]],
    [
      'one in a line with others',
      `  key:\n    compromised: [${OTHER}]\n    secretName: ci\n`,
      [PRINT, OTHER],
    ],
    ['one in an empty list', '  key:\n    compromised: []\n    secretName: ci\n', [PRINT]],
    ['one in a key of one line', '  key: {secretName: ci}\n', [PRINT]],
  ])('makes %s, with everything else as it was', (_, key, expected) => {
    const before = HEAD + binding(key);
    const after = withCompromised(before, CI, PRINT);
    expect(named(after)).toEqual(expected);
    const { compromised: _had, ...restBefore } = parse(before).spec.key;
    const { compromised: _has, ...restAfter } = parse(after ?? '').spec.key;
    expect(restAfter).toEqual(restBefore);
    for (const line of before.split('\n').filter((text) => text.includes('#'))) expect(after).toContain(line);
  });

  it('changes the binding that is meant alone, and nothing where it is named already', () => {
    const others = `${binding('  key:\n    secretName: a\n', 'a')}---\n`;
    const own = binding('  key:\n    secretName: ci\n');
    const after = withCompromised(others + own, CI, PRINT) ?? '';
    expect(after.startsWith(others)).toBe(true);
    expect(withCompromised(after, CI, PRINT)).toBe(after);
  });

  it('keeps the ends of lines', () => {
    const text = binding('  key:\n    secretName: ci\n').replaceAll('\n', '\r\n');
    expect(withCompromised(text, CI, PRINT)).toContain(
      `    compromised:\r\n      - "${PRINT}"\r\n    secretName`,
    );
  });

  it('is left to people in JSON, where the list is no list, and where there is no such binding', () => {
    const json =
      '{"kind": "MachineBinding", "metadata": {"name": "ci"}, "spec": {"key": {"secretName": "ci"}}}';
    expect(withCompromised(json, CI, PRINT)).toBeNull();
    expect(withCompromised(binding('  key:\n    compromised:\n    secretName: ci\n'), CI, PRINT)).toBeNull();
    expect(withCompromised(binding('  key:\n    secretName: a\n', 'a'), CI, PRINT)).toBeNull();
  });
});
