/**
 * The calls of the machine plane behind the signature: what each answers, and which values leave with it.
 * Keys of the answers are exact (sikkerkey-machine-plane "Calls").
 */
import type { SecretValue } from '#model/secret-value.ts';
import type { PolicyRefusal } from '../secrets/policy.ts';
import type { GrantedSecret, KnownMachine } from './directory.ts';
import type { HandedVersion, PollDecision, PollQuestion } from './poll-memory.ts';
import { MachineRefusal } from './refusal.ts';

/** A secret with the version that was opened and its value. */
export interface OpenedSecret extends GrantedSecret {
  readonly value: SecretValue;
}

/** What the calls need of the store. */
export interface SecretReader {
  /** Whether a living secret of that id is in the vault. */
  isThere(vaultId: string, secretId: string): Promise<boolean>;
  /** Whether a living project of that id is in the vault. */
  isProject(vaultId: string, projectId: string): Promise<boolean>;
  /** The current values, in the order asked, without those deleted just now. Throws MachineRefusal `Sealed`. */
  values(secrets: readonly GrantedSecret[]): Promise<readonly OpenedSecret[]>;
  /** The versions last handed out to the machine, by secret id. */
  deliveredVersions(
    machineId: string,
    secretIds: readonly string[],
  ): Promise<ReadonlyMap<string, HandedVersion>>;
}

/** Why a value is kept back: by a policy, or because grant or secret went away while the request was under way. */
export type KeptBack = PolicyRefusal | 'NotGranted' | 'NoSuchSecret';

/** A secret whose value is kept back. */
export interface RefusedRead {
  readonly secret: GrantedSecret;
  readonly why: KeptBack;
}

export interface CallAnswer {
  /**
   * What is answered once it is known which values are kept back, by the ids of their secrets.
   * Throws MachineRefusal where one of them was asked for by its id.
   */
  body(refused: ReadonlyMap<string, KeptBack>): object;
  /** Secrets whose values are in the body: audited, and remembered for polls. */
  readonly read: readonly GrantedSecret[];
  /** Secrets that a poll observed for the first time: their version is remembered, nothing is audited. */
  readonly observed: readonly GrantedSecret[];
  /** Secrets that were asked for and are not read: audited. */
  readonly refused: readonly RefusedRead[];
}

/** Where from and when (milliseconds) a call came: what policies look at, and what polls are remembered by. */
export interface Asked {
  readonly source: string;
  readonly now: number;
  /** What a poll is told, by what is remembered of its source. */
  readonly decide: (question: PollQuestion<GrantedSecret>) => PollDecision<GrantedSecret>;
}

type Body = Readonly<Record<string, unknown>>;
export type Call = (
  machine: KnownMachine,
  secrets: SecretReader,
  body: Body,
  asked: Asked,
) => Promise<CallAnswer>;

/** The ids that a client may watch in one poll. */
const MOST_WATCHED = 1000;
const SECRET_ID = /^[A-Za-z0-9_-]+$/;

/** `GET /v1/secret/{id}` */
export function readSecret(id: string): Call {
  return async (machine, secrets, _body, { source, now }) => {
    const secret = machine.secrets.get(id);
    if (secret === undefined) throw await whyNot(machine, secrets, id);
    const why = secret.policy?.refuses(source, now) ?? null;
    if (why !== null) return { body: refuseRead, read: [], observed: [], refused: [{ secret, why }] };
    const [opened] = await secrets.values([secret]);
    if (opened === undefined) throw new MachineRefusal('NoSuchSecret');
    const body: CallAnswer['body'] = (refused) =>
      refused.size === 0 ? { value: opened.value.reveal() } : refuseRead(refused);
    return { body, read: [opened], observed: [], refused: [] };
  };
}

/** Of a call that asked for one value. */
function refuseRead(refused: ReadonlyMap<string, KeptBack>): never {
  const [why = 'PolicyOver'] = refused.values();
  throw new MachineRefusal(why);
}

/** `GET /v1/secrets` */
export const listSecrets: Call = async (machine) =>
  nothingRead({ secrets: [...machine.secrets.values()].map(listed) });

/** `POST /v1/secrets/list` */
export const listProject: Call = async (machine, secrets, body) => {
  const projectId = requiredText(body, 'projectId');
  await inProject(machine, secrets, projectId);
  return nothingRead({ secrets: secretsOf(machine, projectId).map(listed) });
};

/** `POST /v1/secrets/export`: what the machine may read now; what a policy keeps back is left out, as an ungranted one. */
export const exportSecrets: Call = async (machine, secrets, body, { source, now }) => {
  // Projects of this server belong to no application, so none can be exported by one.
  if (optionalText(body, 'applicationId') !== null) throw new MachineRefusal('NoSuchApplication');
  const projectId = optionalText(body, 'projectId');
  if (projectId !== null) await inProject(machine, secrets, projectId);
  const wanted: GrantedSecret[] = [];
  const refused: RefusedRead[] = [];
  for (const secret of projectId === null ? machine.secrets.values() : secretsOf(machine, projectId)) {
    const why = secret.policy?.refuses(source, now) ?? null;
    if (why === null) wanted.push(secret);
    else refused.push({ secret, why });
  }
  const opened = await secrets.values(wanted);
  return { body: (kept) => ({ secrets: exported(opened, kept) }), read: opened, observed: [], refused };
};

function exported(opened: readonly OpenedSecret[], refused: ReadonlyMap<string, KeptBack>): object[] {
  const secrets = refused.size === 0 ? opened : opened.filter(({ id }) => !refused.has(id));
  return secrets.map(({ id, name, fieldNames, value }) => ({ id, name, value: value.reveal(), fieldNames }));
}

type ChangeStatus = 'changed' | 'deleted' | 'access_denied';

/**
 * `POST /v1/secrets/poll`; unchanged ids are left out. So are those that a policy keeps back for a time: the client
 * would only read in vain, and hears of the change once it may. What a policy keeps back for good is denied.
 */
export const pollSecrets: Call = async (machine, secrets, body, { source, now, decide }) => {
  const watch = watched(body);
  const handed = await secrets.deliveredVersions(machine.id, watch);
  const changes = new Map<string, { status: ChangeStatus }>();
  const readable = new Set<string>();
  for (const id of watch) {
    const secret = machine.secrets.get(id);
    if (secret === undefined) {
      const isThere = await secrets.isThere(machine.vaultId, id);
      changes.set(id, { status: isThere ? 'access_denied' : 'deleted' });
      continue;
    }
    const why = secret.policy?.refuses(source, now) ?? null;
    if (why === 'PolicyOver' || why === 'PolicyAddress') {
      changes.set(id, { status: 'access_denied' });
      continue;
    }
    readable.add(id);
  }
  const { told, observed } = decide({
    secrets: machine.secrets.values(),
    watched: readable,
    handed,
    isKeptBack: ({ policy }) => (policy?.refuses(source, now) ?? null) !== null,
    now,
  });
  for (const { id } of told) changes.set(id, { status: 'changed' });
  return { body: () => ({ changes: Object.fromEntries(changes) }), read: [], observed, refused: [] };
};

/** `GET /v1/cli/projects` */
export const listProjectsForCli: Call = async (machine) =>
  nothingRead({
    projects: [...machine.projects].map(([projectId, projectName]) => ({
      projectId,
      projectName,
      applicationId: '',
      applicationName: '',
    })),
  });

/** `GET /v1/cli/secrets` */
export const listSecretsForCli: Call = async (machine) =>
  nothingRead({
    secrets: [...machine.secrets.values()].map(({ id, name, fieldNames, projectId }) => ({
      id,
      name,
      fieldNames,
      projectId,
      projectName: machine.projects.get(projectId) ?? '',
      applicationId: '',
      applicationName: '',
      type: fieldNames === null ? 'secret' : 'structured',
    })),
  });

/** `POST /v1/verify-access`: a machine outside the project is an answer, not an error. */
export const verifyAccess: Call = async (machine, _secrets, body) => {
  const projectName = machine.projects.get(requiredText(body, 'projectId')) ?? null;
  return nothingRead(
    projectName === null
      ? { valid: false, projectName, error: new MachineRefusal('NotInProject').message }
      : { valid: true, projectName, error: null },
  );
};

function nothingRead(body: object): CallAnswer {
  return { body: () => body, read: [], observed: [], refused: [] };
}

function listed({ id, name, fieldNames, projectId }: GrantedSecret): object {
  return { id, name, fieldNames, projectId };
}

function secretsOf(machine: KnownMachine, projectId: string): GrantedSecret[] {
  return [...machine.secrets.values()].filter((secret) => secret.projectId === projectId);
}

/** 404 where the vault has no such secret, 403 where it is there and not granted. */
async function whyNot(machine: KnownMachine, secrets: SecretReader, id: string): Promise<MachineRefusal> {
  const isThere = SECRET_ID.test(id) && (await secrets.isThere(machine.vaultId, id));
  return new MachineRefusal(isThere ? 'NotGranted' : 'NoSuchSecret');
}

async function inProject(machine: KnownMachine, secrets: SecretReader, projectId: string): Promise<void> {
  if (machine.projects.has(projectId)) return;
  const isThere = await secrets.isProject(machine.vaultId, projectId);
  throw new MachineRefusal(isThere ? 'NotInProject' : 'NoSuchProject');
}

function requiredText(body: Body, key: string): string {
  const text = optionalText(body, key);
  if (text === null) throw new MachineRefusal('BadBody');
  return text;
}

function optionalText(body: Body, key: string): string | null {
  const value = body[key] ?? null;
  if (value !== null && (typeof value !== 'string' || value === '')) throw new MachineRefusal('BadBody');
  return value;
}

function watched(body: Body): readonly string[] {
  const { watch } = body;
  if (!Array.isArray(watch) || watch.length > MOST_WATCHED) throw new MachineRefusal('BadBody');
  for (const id of watch)
    if (typeof id !== 'string' || !SECRET_ID.test(id)) throw new MachineRefusal('BadBody');
  return [...new Set(watch as string[])];
}
