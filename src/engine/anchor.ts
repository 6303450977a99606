/**
 * A3: the head of the audit chain that is kept outside the vault, and whether the vault still leads to it.
 *
 * Decides A3: whether the vault still leads to the head that is kept outside it.
 */
import { canonicalJson, sha256 } from '#model/digest.ts';
import type { AuditHead } from '#model/organization.ts';
import type { AuditProof } from '#protocol/management.ts';
import type { Provider } from '#provider/provider.ts';

/** Where a proof leads to from `at`, and the hash at `head` where it comes by; null: it does not follow. Pure. */
function followed(
  at: AuditHead,
  head: AuditHead,
  proof: AuditProof,
): { readonly end: AuditHead; readonly hashAtHead: string | null } | null {
  if (proof.head.epoch !== at.epoch || proof.hashAtAfter !== at.hash || proof.digests.length === 0)
    return null;
  let { hash, sequence } = at;
  let hashAtHead: string | null = null;
  for (const digest of proof.digests) {
    hash = sha256(hash + digest);
    sequence += 1;
    if (sequence === head.sequence) hashAtHead = hash;
  }
  const isWhole =
    sequence < proof.head.sequence || (sequence === proof.head.sequence && hash === proof.head.hash);
  return isWhole ? { end: { epoch: at.epoch, sequence, hash }, hashAtHead } : null;
}

/** Whether nothing speaks against it that is known without asking. */
export function couldFollow(anchor: AuditHead, head: AuditHead): boolean {
  if (head.epoch !== anchor.epoch || head.sequence < anchor.sequence) return false;
  return head.sequence > anchor.sequence || head.hash === anchor.hash;
}

/**
 * Whether the vault's head still has the anchor for an ancestor. Asks for a proof only where the head moved on;
 * part after part where it is long; a new epoch, a shorter chain and another hash at the same place are rollbacks without asking.
 */
export async function isAncestor(
  provider: Provider,
  anchor: AuditHead,
  head: AuditHead,
  signal: AbortSignal,
): Promise<boolean> {
  if (!couldFollow(anchor, head)) return false;
  if (head.sequence === anchor.sequence) return true;
  for (let at = anchor; ; ) {
    const part = followed(at, head, await provider.auditProof(at.sequence, signal));
    if (part === null) return false;
    if (part.hashAtHead !== null) return part.hashAtHead === head.hash;
    at = part.end;
  }
}

/** What an approval must name to accept a vault that was rolled back: this vault at this epoch, and no other. */
export function acceptDigest(vaultId: string, epoch: string, anchor: AuditHead): string {
  return sha256(canonicalJson({ vaultId, kind: 'AcceptVault', before: anchor, after: epoch }));
}
