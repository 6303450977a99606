import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAncestor } from '#engine/anchor.ts';
import type { AuditHead } from '#model/organization.ts';
import { type AuditProof, LARGEST_PROOF } from '#protocol/management.ts';
import type { Provider } from '#provider/provider.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';

let vault: TestVault;
const asked: number[] = [];
beforeEach(async () => {
  vault = await startTestVault();
  asked.length = 0;
});
afterEach(() => vault[Symbol.asyncDispose]());

const proof = async (after: number): Promise<AuditProof> => {
  asked.push(after);
  return (await vault.request<AuditProof>('GET', `/audit/proof?after=${after}`)).body;
};
const provider = { auditProof: proof } as unknown as Provider;
const follows = (from: AuditHead, to: AuditHead): Promise<boolean> =>
  isAncestor(provider, from, to, new AbortController().signal);

async function head(): Promise<AuditHead> {
  return (await proof(0)).head;
}

function append(count: number): Promise<void> {
  return vault.context.act(vault.vaultId, vault.owner, async (act) => {
    const subject = { kind: 'Vault', key: vault.vaultId };
    for (let index = 0; index < count; index += 1) {
      await act.auditOnly({ action: 'secrets.read', subject }, 'none');
    }
  });
}

describe('the proof that the audit log was only added to (A3)', () => {
  it('comes in bounded parts, and is followed from one to the next', async () => {
    const before = await head();
    await append(LARGEST_PROOF + 10);
    const first = await proof(before.sequence);
    expect(first.digests).toHaveLength(LARGEST_PROOF);
    expect(await proof(before.sequence + LARGEST_PROOF)).toMatchObject({ digests: { length: 10 } });
    asked.length = 0;
    expect(await follows(before, first.head)).toBe(true);
    expect(asked).toEqual([before.sequence, before.sequence + LARGEST_PROOF]);
  });

  it('is none where an entry of a later part was changed', async () => {
    const before = await head();
    await append(LARGEST_PROOF + 10);
    const after = await head();
    await vault.database.edit(
      'update audit_entries set digest = ? where sequence = ?',
      'a'.repeat(64),
      after.sequence - 5,
    );
    expect(await follows(before, after)).toBe(false);
  });

  it('is none where the log was cut while it is followed', async () => {
    const before = await head();
    await append(LARGEST_PROOF + 10);
    const after = await head();
    await vault.database.edit(
      'delete from audit_entries where sequence > ?',
      before.sequence + LARGEST_PROOF,
    );
    expect(await follows(before, after)).toBe(false);
  });
});
