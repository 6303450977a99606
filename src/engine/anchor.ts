/** A3: the head of the audit chain that is kept outside the vault, and whether the vault still leads to it. */
import { canonicalJson, sha256 } from '../model/digest.ts';
import type { AuditHead } from '../model/organization.ts';
import type { AuditProof } from '../protocol/management.ts';
import type { Provider } from '../provider/provider.ts';

/** Whether `head` follows `anchor`: the same entry, or one that the proof leads to. Pure. */
function follows(anchor: AuditHead, head: AuditHead, proof: AuditProof): boolean {
  if (proof.head.epoch !== anchor.epoch || proof.hashAtAfter !== anchor.hash) return false;
  if (proof.head.sequence !== anchor.sequence + proof.digests.length) return false;
  let hash = anchor.hash;
  let sequence = anchor.sequence;
  let met = head.sequence === sequence && head.hash === hash;
  for (const digest of proof.digests) {
    hash = sha256(hash + digest);
    sequence += 1;
    if (sequence === head.sequence) met = hash === head.hash;
  }
  return met && hash === proof.head.hash;
}

/** Whether nothing speaks against it that is known without asking. */
export function couldFollow(anchor: AuditHead, head: AuditHead): boolean {
  if (head.epoch !== anchor.epoch || head.sequence < anchor.sequence) return false;
  return head.sequence > anchor.sequence || head.hash === anchor.hash;
}

/**
 * Whether the vault's head still has the anchor for an ancestor. Asks for a proof only where the head moved on;
 * a new epoch, a shorter chain and another hash at the same place are rollbacks without asking.
 */
export async function isAncestor(
  provider: Provider,
  anchor: AuditHead,
  head: AuditHead,
  signal: AbortSignal,
): Promise<boolean> {
  if (!couldFollow(anchor, head)) return false;
  if (head.sequence === anchor.sequence) return true;
  return follows(anchor, head, await provider.auditProof(anchor.sequence, signal));
}

/** What an approval must name to accept a vault that was rolled back: this vault at this epoch, and no other. */
export function acceptDigest(vaultId: string, epoch: string, anchor: AuditHead): string {
  return sha256(canonicalJson({ vaultId, kind: 'AcceptVault', before: anchor, after: epoch }));
}
