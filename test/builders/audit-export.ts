/** Exports of the audit log as a vault writes them. */
import { newKeyPair } from '#identity/key-pair.ts';
import { type AuditEntry, type ChainLink, genesis, link } from '#vault/audit/chain.ts';
import { EXPORT_FORMAT, entryLine, headerLine, headLine } from '#vault/audit/export.ts';
import { signHead } from '#vault/audit/signed-head.ts';

export const VAULT = 'vault_0123456789abcdef';
export const keys = newKeyPair();

/** A chain with an entry for each action. */
export function chainOf(actions: readonly string[]): ChainLink[] {
  let hash = genesis(VAULT);
  return actions.map((action, index) => {
    const entry: AuditEntry = {
      id: `aud_${index + 1}`,
      vaultId: VAULT,
      epoch: 'first',
      sequence: index + 1,
      at: 1_000_000 + index,
      actor: { type: 'system', id: null, name: 'system' },
      action,
      subject: { kind: 'Organization', key: VAULT },
      details: { text: 'grüße', list: [1, 2], nested: { a: null } },
      provenance: {},
    };
    const appended = link(hash, entry);
    hash = appended.hash;
    return appended;
  });
}

/** The export of a chain, with its head signed. */
export function exportOf(links: readonly ChainLink[], by = keys): string {
  const { text: publicKey } = by.publicKey;
  const hash = links.at(-1)?.hash ?? genesis(VAULT);
  const head = signHead(by, { vaultId: VAULT, epoch: 'first', sequence: links.length, hash, at: 5 });
  return [
    headerLine({ format: EXPORT_FORMAT, vaultId: VAULT, epoch: 'first', publicKey }),
    ...links.map(entryLine),
    headLine(head),
  ].join('');
}
