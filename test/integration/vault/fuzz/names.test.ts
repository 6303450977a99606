import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isName } from '#model/names.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';
import { sendRaw } from './raw-http.ts';
import { SPELLINGS } from './spellings.ts';

const ALICE = 'alice@acme.example';

/** Names that paths quarrel about, other names, and what is none. */
const names = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        '.',
        '..',
        '...',
        '/',
        '\\',
        '%2e',
        '%2F',
        '%',
        ' ',
        '?',
        '#',
        'a',
        'é',
        '😀',
        'members',
        ';',
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).filter((text) => text.isWellFormed()),
);

interface Entry {
  readonly action: string;
  readonly subject: { readonly kind: string; readonly key: string };
}

describe('whatever a name is and however it is written, what acts is what was named (V7)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeAll(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    await member(vault, ALICE);
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const entriesAfter = async (sequence: number): Promise<readonly Entry[]> => {
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('vault_id', '=', vault.vaultId)
      .where('sequence', '>', sequence)
      .orderBy('sequence')
      .execute();
    return rows.map(({ entry }) => JSON.parse(entry) as Entry);
  };
  const lastSequence = async (): Promise<number> => {
    const { last } = await vault.context.reader
      .selectFrom('audit_entries')
      .select(({ fn }) => fn.max('sequence').as('last'))
      .where('vault_id', '=', vault.vaultId)
      .executeTakeFirstOrThrow();
    return last;
  };

  /** Takes Alice off a group, the path byte by byte as it is given. */
  async function removed(group: string): Promise<number> {
    const line = `DELETE /api/v1${at(`/groups/${group}/members/${ALICE.replace('@', '%40')}`)} HTTP/1.1`;
    const head = [line, 'host: x', 'connection: close', `authorization: Bearer ${boss.token}`, '', ''];
    const answer = await sendRaw(vault.server.port, Buffer.from(head.join('\r\n'), 'latin1'), 10_000);
    return answer?.status ?? 0;
  }

  it('a group: it is refused, or its own member is taken off it and nobody off anything else', async () => {
    await fc.assert(
      fc.asyncProperty(names, fc.constantFrom(...SPELLINGS), async (name, spell) => {
        const before = await lastSequence();
        const made = await boss.ask<{ code?: string }>('POST', at('/groups'), { name });
        expect(made.status, JSON.stringify(name)).toBe(isName(name) ? 201 : 400);
        if (made.status !== 201) {
          expect(await entriesAfter(before)).toEqual([]);
          // Nothing has the name; what is written for it reaches nothing else.
          expect(await removed(spell(name))).toBeGreaterThanOrEqual(400);
          expect(await entriesAfter(before)).toEqual([]);
          return;
        }
        const canonical = encodeURIComponent(name);
        const joined = await boss.ask('POST', at(`/groups/${canonical}/members`), { emails: [ALICE] });
        expect(joined.status).toBe(204);
        const start = await lastSequence();
        const spelled = spell(name);
        const status = await removed(spelled);
        const entries = await entriesAfter(start);
        if (spelled === canonical) expect(status).toBe(204);
        if (status === 204) {
          expect(decodeURIComponent(spelled)).toBe(name);
          expect(entries).toMatchObject([
            { action: 'group.member-removed', subject: { kind: 'Group', key: name } },
          ]);
        } else {
          expect(status).toBeGreaterThanOrEqual(400);
          expect(entries).toEqual([]);
        }
        expect((await boss.ask('DELETE', at(`/groups/${canonical}`))).status).toBe(204);
      }),
      { numRuns: 150 },
    );
    const { body } = await boss.ask<{ members: { email: string; state: string }[] }>('GET', at('/members'));
    expect(body.members).toContainEqual(expect.objectContaining({ email: ALICE, state: 'Active' }));
    expect(vault.faults).toEqual([]);
  });
});
