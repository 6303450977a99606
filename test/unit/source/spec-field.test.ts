import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withSpecField } from '#source/spec-field.ts';
import { unifiedDiff } from '#source/unified-diff.ts';
import { resource } from '#test/builders/resources.ts';

const BOB = resource('Member', 'bob', { email: 'bob@acme.example' });
const suspended = (text: string): string | null => withSpecField(text, BOB, 'state', 'Suspended');

const ALICE = `kind: Member
metadata: {name: alice}
spec:
  email: alice@acme.example
`;
const TEXT = `# People
${ALICE}---
kind: Member
metadata:
  name: bob
spec:
  # Whose.
  email: bob@acme.example # theirs
  grants:
    - {project: web, access: Read}
`;

describe('a field of a spec that is set in the text of its file', () => {
  it('stands first, with everything else as it was', () => {
    const after = suspended(TEXT) ?? '';
    expect(after.replace('  state: Suspended\n', '')).toBe(TEXT);
    expect(after).toContain('  # Whose.\n  state: Suspended\n  email: bob@acme.example # theirs\n');
  });

  it('takes the place of the value that is there, in the object that is meant', () => {
    const before = `${ALICE}  state: Active\n---\nkind: Member\nmetadata: {name: bob}\nspec:\n  state: Active # yet\n  email: bob@acme.example\n`;
    const after = `${ALICE}  state: Active\n---\nkind: Member\nmetadata: {name: bob}\nspec:\n  state: Suspended # yet\n  email: bob@acme.example\n`;
    expect(suspended(before)).toBe(after);
  });

  it('keeps the ends of lines', () => {
    expect(suspended(TEXT.replaceAll('\n', '\r\n'))).toContain('\r\n  state: Suspended\r\n');
  });

  it('is left to people where the spec stands in one line, or there is no such object', () => {
    expect(
      suspended('{"kind": "Member", "metadata": {"name": "bob"}, "spec": {"email": "b@a.example"}}'),
    ).toBeNull();
    expect(suspended('kind: Member\nmetadata: {name: bob}\nspec: {email: b@a.example}\n')).toBeNull();
    expect(suspended(ALICE)).toBeNull();
  });
});

describe('a change as a patch', () => {
  it('is applied by git to what it was made of', () => {
    const folder = mkdtempSync(join(tmpdir(), 'seneschal-patch-'));
    try {
      const after = suspended(TEXT) ?? '';
      writeFileSync(join(folder, 'people.yaml'), TEXT);
      writeFileSync(join(folder, 'it.patch'), unifiedDiff('people.yaml', TEXT, after));
      execFileSync('git', ['apply', 'it.patch'], { cwd: folder });
      expect(readFileSync(join(folder, 'people.yaml'), 'utf8')).toBe(after);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
