/** Where a vault stands, for its members, and waiting until it moves. */
import { type EffectiveAccess, hasCellAnywhere } from '#model/access.ts';
import type { VaultContext } from '../act/context.ts';
import { poll } from '../act/long-poll.ts';
import type { VaultCall } from '../people-api/vault-call.ts';
import { sessionAgain } from '../sessions/sessions.ts';
import type { VaultTable } from '../store/schema.ts';

export interface Revision {
  readonly epoch: string;
  readonly revision: number;
  /** Null for who may see no secret. */
  readonly secretRevision: number | null;
}

export interface Since {
  readonly revision: number;
  /** Null: as it is now. */
  readonly secretRevision: number | null;
}

type Standing = Pick<VaultTable, 'epoch' | 'revision' | 'secret_revision'>;

/**
 * The revision once it is another than `since`; null where nothing moved in so many milliseconds. Ends at once with
 * the session (signed out, revoked, another password) and with the membership (M1): throws DomainError as any request
 * then does, `NotSignedIn`, `NotAMember`.
 */
export async function nextRevision(
  context: VaultContext,
  { vaultId, session, caller, callerNow }: Pick<VaultCall, 'vaultId' | 'session' | 'caller' | 'callerNow'>,
  since: Since,
  wait: { readonly milliseconds: number; readonly signal: AbortSignal },
): Promise<Revision | null> {
  const seesSecrets = maySeeSecrets(caller.access);
  let secretsSince = since.secretRevision;
  const ids = [vaultId, session.account.id];
  const left = session.expiresAt - context.clock.now();
  const milliseconds = Math.min(wait.milliseconds, left);
  // What a member may do changes with a revision alone, so a look asks no more than whether the session is there.
  const last = await poll(context, { ids, milliseconds, signal: wait.signal }, async () => {
    const at = await decidedState(context, vaultId);
    // After it: what moved the revision may have ended the session in the same transaction.
    const now = await sessionAgain(context, session);
    secretsSince ??= at?.secret_revision ?? null;
    const stands =
      now?.vaultId === vaultId &&
      at?.revision === since.revision &&
      (!seesSecrets || at.secret_revision === secretsSince);
    return { at, stands };
  });
  const { access } = await callerNow();
  // A vault that is gone has no members.
  if (last.stands || last.at === undefined) return null;
  const { epoch, revision, secret_revision } = last.at;
  return { epoch, revision, secretRevision: maySeeSecrets(access) ? secret_revision : null };
}

function maySeeSecrets(access: EffectiveAccess): boolean {
  return hasCellAnywhere(access, 'Secrets: View');
}

function decidedState(
  { reader }: Pick<VaultContext, 'reader'>,
  vaultId: string,
): Promise<Standing | undefined> {
  return reader
    .selectFrom('vaults')
    .select(['epoch', 'revision', 'secret_revision'])
    .where('id', '=', vaultId)
    .executeTakeFirst();
}
