/** `POST /v1/{vaultId}/enroll/register`: a machine enrols itself by a token (sikkerkey-machine-plane "Calls"). */
import type { Kysely } from 'kysely';
import { type PublicKey, parsePublicKey } from '#identity/key-pair.ts';
import { isName, LONGEST_NAME, NAME } from '#model/names.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { type Tallies, talliesOf } from '../act/lockout.ts';
import { AddressList } from '../common/addresses.ts';
import { DomainError } from '../common/domain-error.ts';
import { matchesHost } from '../common/host-pattern.ts';
import { tokenHash } from '../common/token.ts';
import { livingScope, stateOf } from '../machines/enrollment-tokens.ts';
import { isAllowed } from '../machines/ip-allowlist.ts';
import { grantAccess, registerMachine } from '../machines/machines.ts';
import { couldMakeNow } from '../machines/token-makers.ts';
import type { Database, EnrollmentTokenTable } from '../store/schema.ts';
import { LONGEST_HOSTNAME, MachineRefusal } from './refusal.ts';
import { jsonObject, type MachineRequest } from './request.ts';

interface Applicant {
  readonly token: string;
  readonly key: PublicKey;
  readonly hostname: string;
  /** The name that it asks for; null: one after its host. */
  readonly name: string | null;
}

/** The keys are exact, as SDKs decode them. */
interface Enrolled {
  readonly machineId: string;
  readonly machineName: string;
  readonly vaultId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly apiUrl: string;
}

export class Enrollment {
  readonly #context: VaultContext;
  readonly #lockout: Tallies;

  constructor(context: VaultContext) {
    this.#context = context;
    this.#lockout = talliesOf(context, 'enrollment');
  }

  /** Throws MachineRefusal. */
  async register(vaultId: string, request: MachineRequest): Promise<Enrolled> {
    const now = this.#context.clock.now();
    const { source, origin } = request;
    if (!(await isAllowed(this.#context.reader, vaultId, source))) throw new MachineRefusal('NotAllowed');
    if (await this.#lockout.isLocked(vaultId, source, now)) throw new MachineRefusal('LockedOut');
    const applicant = applicantOf(jsonObject(request.body));
    if (origin === null) throw new MachineRefusal('BadHost');
    const row = await this.#tokenRow(vaultId, applicant.token);
    if (row === undefined || !(await isUsable(this.#context.reader, row, now))) {
      await this.#lockout.failed(vaultId, source, now);
      throw new MachineRefusal('BadToken');
    }
    await this.#lockout.succeeded(vaultId, source);
    if (row.source !== null && !new AddressList([row.source]).has(source)) {
      throw new MachineRefusal('WrongSource');
    }
    if (row.hostname_pattern !== null && !matchesHost(row.hostname_pattern, applicant.hostname)) {
      throw new MachineRefusal('WrongHost');
    }
    const enrolled = await underFreeName(this.#context, applicant, (id, name) =>
      this.#context.act(vaultId, { type: 'machine', id, name }, async (act) => {
        const expiresAt = await enrol(act, row.id, { id, name, applicant, source });
        return { machineId: id, machineName: name, vaultId, expiresAt };
      }),
    );
    return { ...enrolled, apiUrl: origin };
  }

  #tokenRow(vaultId: string, token: string): Promise<EnrollmentTokenTable | undefined> {
    return this.#context.reader
      .selectFrom('enrollment_tokens')
      .selectAll()
      .where('token_hash', '=', tokenHash(token))
      .where('vault_id', '=', vaultId)
      .executeTakeFirst();
  }
}

/** Open, and its maker could make it now. */
async function isUsable(db: Kysely<Database>, row: EnrollmentTokenTable, now: number): Promise<boolean> {
  if (stateOf(row, now) !== 'Open') return false;
  return couldMakeNow(db, row, (await livingScope(db, row)).projectIds, now);
}

/** Counts the use and makes the machine in one transaction; answers when the machine ends. */
async function enrol(
  act: Act,
  tokenId: string,
  by: { readonly id: string; readonly name: string; readonly applicant: Applicant; readonly source: string },
): Promise<number> {
  // Looked at again under the lock: the last use is given once, and a revocation in the same moment wins.
  const row = await act.db
    .selectFrom('enrollment_tokens')
    .selectAll()
    .where('id', '=', tokenId)
    .executeTakeFirst();
  if (row === undefined || !(await isUsable(act.db, row, act.now))) throw new MachineRefusal('BadToken');
  await act.db
    .updateTable('enrollment_tokens')
    .set({ uses: row.uses + 1 })
    .where('id', '=', tokenId)
    .execute();
  const { id, name, applicant, source } = by;
  const { key, hostname } = applicant;
  const expiresAt = act.now + row.machine_life;
  const { maker } = row;
  await registerMachine(act, name, key, {
    id,
    kind: 'ephemeral',
    approved: true,
    expiresAt,
    hostname,
    maker,
  });
  await grantAccess(act, id, await livingScope(act.db, row));
  await act.audit({
    action: 'machine.enrolled',
    subject: { kind: 'MachineBinding', key: name },
    details: {
      id,
      token: tokenId,
      tokenName: row.name,
      use: row.uses + 1,
      fingerprint: key.fingerprint,
      hostname,
      source,
      expiresAt,
    },
  });
  return expiresAt;
}

/** What the domain refuses a machine that registers itself, as the machine plane says it. */
const REFUSED: Readonly<Record<string, 'BadNameField' | 'NameTaken' | 'KeyTaken' | 'QuotaReached'>> = {
  Invalid: 'BadNameField',
  NameTaken: 'NameTaken',
  FingerprintTaken: 'KeyTaken',
  KeyCompromised: 'KeyTaken',
  QuotaReached: 'QuotaReached',
  PlanLapsed: 'QuotaReached',
};

/**
 * Registers under the name asked for, or, where none was, under the host's; where that is taken, as hosts made from one
 * image share theirs, under the same with a part of the id. Throws MachineRefusal.
 */
export function underFreeName<T>(
  context: Pick<VaultContext, 'ids'>,
  { name, hostname }: Pick<Applicant, 'name' | 'hostname'>,
  register: (id: string, name: string) => Promise<T>,
): Promise<T> {
  const id = context.ids.machine();
  const wanted = name ?? begun(hostname);
  return underFirstFree([wanted, `${begun(wanted)}-${id.slice(0, 8)}`], (free) => register(id, free));
}

/** Registers under the name that a person chose, and under no other. Throws MachineRefusal. */
export function underName<T>(
  context: Pick<VaultContext, 'ids'>,
  name: string,
  register: (id: string, name: string) => Promise<T>,
): Promise<T> {
  return underFirstFree([name], (free) => register(context.ids.machine(), free));
}

async function underFirstFree<T>(
  names: readonly string[],
  register: (name: string) => Promise<T>,
): Promise<T> {
  for (const [index, wanted] of names.entries()) {
    try {
      return await register(wanted);
    } catch (error) {
      const refusal = error instanceof DomainError ? REFUSED[error.code] : undefined;
      if (refusal === undefined) throw error;
      if (refusal === 'NameTaken' && index < names.length - 1) continue;
      throw new MachineRefusal(refusal);
    }
  }
  throw new MachineRefusal('NameTaken');
}

/** Room is left for what a taken name gets at its end. */
const LONGEST_BEGINNING = LONGEST_NAME - '-12345678'.length;

/** The beginning of a name, which is a name too: with no half of a character at its end, and no white space. */
function begun(name: string): string {
  return name.slice(0, LONGEST_BEGINNING).replace(/[\p{Z}\p{Cs}]+$/u, '');
}

/** The body of a registration. Throws MachineRefusal, which names the field. */
export function applicantOf(body: Readonly<Record<string, unknown>>): Applicant {
  const { token, publicKey, hostname } = body;
  const name = body.name ?? null;
  const key = typeof publicKey === 'string' ? parsePublicKey(publicKey) : undefined;
  if (typeof token !== 'string' || token.length > 256) throw new MachineRefusal('BadTokenField');
  if (key === undefined) throw new MachineRefusal('BadPublicKeyField');
  if (typeof hostname !== 'string' || hostname.length > LONGEST_HOSTNAME || !NAME.test(hostname)) {
    throw new MachineRefusal('BadHostnameField');
  }
  if (name !== null && !(typeof name === 'string' && isName(name))) throw new MachineRefusal('BadNameField');
  return { token, key, hostname, name };
}
