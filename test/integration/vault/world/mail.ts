/** What a person of a test finds in their mail. */
import { expect, vi } from 'vitest';
import type { TestVault } from '#test/builders/vault.ts';

/** Kinds of the mails to an address, oldest first. */
export async function kindsTo(vault: TestVault, email: string): Promise<string[]> {
  return (await mailsTo(vault, email)).map(({ kind }) => kind);
}

/** The token in the newest mail of a kind to an address, once there is one that is not among `known`. */
export async function tokenTo(
  vault: TestVault,
  email: string,
  kind: string,
  known: readonly string[] = [],
): Promise<string> {
  return vi.waitFor(async () => {
    const mails = (await mailsTo(vault, email)).filter((mail) => mail.kind === kind);
    const tokens = mails.flatMap(({ body }) => body.match(/\b[a-z]{3}_[A-Za-z0-9_-]{43}/g) ?? []);
    const fresh = tokens.filter((token) => !known.includes(token));
    expect(fresh).not.toEqual([]);
    return fresh.at(-1) ?? '';
  }, 10_000);
}

function mailsTo(vault: TestVault, email: string) {
  return vault.context.reader
    .selectFrom('mails')
    .select(['kind', 'body'])
    .where('recipient', '=', email)
    .orderBy('created_at')
    .execute();
}
