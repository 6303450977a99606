/**
 * Whether a machine may be answered: judged when its request comes, and again where something moved in the vault
 * before the answer was committed, so that no value leaves after a cut was acknowledged.
 */
import type { RefusedRead, SecretReader } from './calls.ts';
import type { GrantedSecret, KnownKey, KnownMachine, MachineDirectory } from './directory.ts';
import { MachineRefusal, type RefusalCode } from './refusal.ts';

/** A request on its way to the commit that its answer waits for. */
export interface PendingRead {
  /** As its request was admitted. */
  readonly machine: Pick<KnownMachine, 'id' | 'name' | 'vaultId' | 'revision'>;
  /** Fingerprint of the key that signed. */
  readonly key: string;
  readonly nonce: string;
  readonly source: string;
  /** Method and route, as the audit log shows it. */
  readonly call: string;
  readonly isPoll: boolean;
  readonly read: readonly GrantedSecret[];
  readonly observed: readonly GrantedSecret[];
  readonly refused: readonly RefusedRead[];
}

/** A request, and what is left of it. */
export interface Admission {
  readonly asked: PendingRead;
  readonly left: PendingRead | MachineRefusal;
}

/** What there is now. */
export type Present = Pick<MachineDirectory, 'at'> & Pick<SecretReader, 'isThere'>;

/** Approved, enabled, before its end and within its guardrails; null: it is all of that. */
export function whyNotAnswered(machine: KnownMachine, source: string, now: number): RefusalCode | null {
  if (machine.expiresAt !== null && machine.expiresAt <= now) return 'Ended';
  if (!machine.approved) return 'NotApproved';
  if (!machine.enabled) return 'Disabled';
  return machine.guard?.admits(source, now) === false ? 'Guarded' : null;
}

/** V4: a key that automation brought is taken only from where its delegation has its machines. */
export function isTakenFrom({ addresses }: Pick<KnownKey, 'addresses'>, source: string): boolean {
  return addresses?.has(source) !== false;
}

/**
 * Judges a group while the row of its vault is locked at this revision; undefined: the vault is gone. It costs
 * nothing where nothing moved since the requests were admitted.
 */
export async function admitAgain(
  present: Present,
  group: readonly PendingRead[],
  revision: number | undefined,
  now: number,
): Promise<readonly Admission[]> {
  if (group.every(({ machine }) => machine.revision === revision)) {
    return group.map((asked) => ({ asked, left: asked }));
  }
  return Promise.all(
    group.map(async (asked) => {
      if (asked.machine.revision === revision) return { asked, left: asked };
      const machine = revision === undefined ? null : await present.at(asked.machine.id, revision);
      return { asked, left: await leftOf(present, asked, machine, now) };
    }),
  );
}

async function leftOf(
  present: Present,
  asked: PendingRead,
  machine: KnownMachine | null,
  now: number,
): Promise<PendingRead | MachineRefusal> {
  if (machine === null) return new MachineRefusal('UnknownMachine');
  if (machine.gate?.has(asked.source) === false) return new MachineRefusal('NotAllowed');
  const key = machine.keys.find(({ fingerprint }) => fingerprint === asked.key);
  if (key === undefined) return new MachineRefusal('BadSignature');
  if (!isTakenFrom(key, asked.source)) return new MachineRefusal('NotAllowed');
  const why = whyNotAnswered(machine, asked.source, now);
  if (why !== null) return new MachineRefusal(why);
  const read: GrantedSecret[] = [];
  const refused = [...asked.refused];
  for (const secret of asked.read) {
    const granted = machine.secrets.get(secret.id);
    if (granted === undefined) {
      const isThere = await present.isThere(machine.vaultId, secret.id);
      refused.push({ secret, why: isThere ? 'NotGranted' : 'NoSuchSecret' });
      continue;
    }
    const refusal = granted.policy?.refuses(asked.source, now) ?? null;
    if (refusal === null) read.push({ ...secret, policy: granted.policy });
    else refused.push({ secret, why: refusal });
  }
  const observed = asked.observed.filter(({ id }) => machine.secrets.has(id));
  return { ...asked, read, observed, refused };
}
