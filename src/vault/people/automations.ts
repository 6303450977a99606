/** Automation identities (V4): the owner's delegates, each with a closed list of abilities and hard ceilings. */
import { newKeyPair, parsePublicKey, privatePem } from '../../identity/key-pair.ts';
import { LOSS_CLASSES, type LossClass } from '../../model/loss.ts';
import type { Ability } from '../../protocol/management.ts';
import type { Act } from '../domain/context.ts';
import { DomainError } from '../domain/domain-error.ts';

/** Units in seven days beyond which a person approves in the vault, whatever the operator claims (rail 1). */
export const DEFAULT_CEILINGS: Readonly<Record<LossClass, number>> = {
  people: 20,
  suspensions: 20,
  access: 200,
  machines: 200,
  projects: 5,
};

export interface NewAutomation {
  readonly name: string;
  readonly abilities: readonly Ability[];
  readonly ceilings?: Partial<Record<LossClass, number>> | undefined;
  /** Standard base64 of the raw 32 bytes; left out, a key pair is made and its private half answered once. */
  readonly publicKey?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

export interface CreatedAutomation {
  readonly id: string;
  /** PKCS#8 PEM; null where the caller brought the public key. Kept nowhere. */
  readonly privateKey: string | null;
}

/** The caller has checked that the actor is the owner and has just proved who they are. Throws DomainError `Invalid`. */
export async function createAutomation(act: Act, fields: NewAutomation): Promise<CreatedAutomation> {
  const made = fields.publicKey === undefined ? newKeyPair() : null;
  const publicKey = made?.publicKey ?? parsePublicKey(fields.publicKey ?? '');
  if (publicKey === undefined) {
    throw new DomainError({
      code: 'Invalid',
      status: 422,
      detail: 'The public key is not the standard base64 of 32 bytes.',
    });
  }
  const id = act.ids.make('auto');
  const ceilings = Object.fromEntries(
    LOSS_CLASSES.map((name) => [name, fields.ceilings?.[name] ?? DEFAULT_CEILINGS[name]]),
  );
  await act.db
    .insertInto('automations')
    .values({
      id,
      vault_id: act.vault.id,
      name: fields.name,
      public_key: publicKey.text,
      abilities: JSON.stringify(fields.abilities),
      ceilings: JSON.stringify(ceilings),
      created_at: act.now,
      expires_at: fields.expiresAt ?? null,
      revoked_at: null,
    })
    .execute();
  await act.audit({
    action: 'automation.created',
    subject: { kind: 'Automation', key: fields.name },
    details: { id, abilities: fields.abilities, ceilings, fingerprint: publicKey.fingerprint },
  });
  return { id, privateKey: made === null ? null : privatePem(made.privateKey) };
}
