/**
 * A small client of the machine plane, written from the wire facts alone and sharing no code with the
 * server: it reads the files of an identity folder and nothing else, as an SDK in a pod does.
 */
import { createHash, createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const KEYS = ['machineId', 'machineName', 'vaultId', 'apiUrl', 'privateKeyPath'] as const;
type Identity = Readonly<Record<(typeof KEYS)[number], string>>;

export interface MachineAnswer {
  readonly status: number;
  /** The parsed JSON body. */
  readonly body: unknown;
}

/** What a test may bend about a request, to see it refused. */
export interface Bend {
  readonly timestamp?: string;
  readonly nonce?: string;
  readonly signature?: string;
  readonly machineId?: string;
  /** Sent in place of the body that was signed. */
  readonly sentBody?: string;
  /** Header names (lower case) to leave out. */
  readonly without?: readonly string[];
  /** Sent beside them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; the client's clock. */
  readonly now?: number;
}

/** How a request gets to the server; `fetch`, unless a test says otherwise. */
export type Carrier = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
  },
) => Promise<Pick<Response, 'status' | 'headers' | 'json'>>;

export class MachineClient {
  readonly #identity: Identity;
  readonly #key: KeyObject;
  readonly #carry: Carrier;
  /** Of the last answer. */
  headers = new Headers();

  constructor(identity: Identity, key: KeyObject, carry: Carrier = fetch) {
    this.#identity = identity;
    this.#key = key;
    this.#carry = carry;
  }

  /** By the texts of an identity's files. */
  static fromFiles(files: Readonly<Record<string, string | undefined>>, carry?: Carrier): MachineClient {
    const identity = strictIdentity(files['identity.json'] ?? '');
    return new MachineClient(identity, createPrivateKey(files['private.pem'] ?? ''), carry);
  }

  /**
   * Reads `identity.json` (exactly five keys, as the strictest SDK decodes it) and the key beside it.
   * `privateKeyPath` is not followed: a test's folder is not mounted where the pod would mount it.
   */
  static fromFolder(folder: string): MachineClient {
    const identity = strictIdentity(readFileSync(join(folder, 'identity.json'), 'utf8'));
    return new MachineClient(identity, createPrivateKey(readFileSync(join(folder, 'private.pem'), 'utf8')));
  }

  /** One signed request; the target is sent and signed as given. */
  async send(method: 'GET' | 'POST', target: string, body?: string, bend: Bend = {}): Promise<MachineAnswer> {
    const timestamp = bend.timestamp ?? String(Math.floor((bend.now ?? Date.now()) / 1000));
    const nonce = bend.nonce ?? randomBytes(16).toString('base64');
    const hash = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    const payload = `${method}:${target}:${timestamp}:${nonce}:${hash}`;
    const headers: Record<string, string> = {
      'x-machine-id': bend.machineId ?? this.#identity.machineId,
      'x-timestamp': timestamp,
      'x-nonce': nonce,
      'x-signature': bend.signature ?? sign(null, Buffer.from(payload), this.#key).toString('base64'),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...bend.headers,
    };
    for (const name of bend.without ?? []) delete headers[name];
    const sent = bend.sentBody ?? body;
    const response = await this.#carry(`${this.#identity.apiUrl}${target}`, {
      method,
      headers,
      ...(sent === undefined ? {} : { body: sent }),
    });
    this.headers = response.headers;
    return { status: response.status, body: (await response.json()) as unknown };
  }

  /** The value of a secret. Throws with the status alone: a value never reaches a test's output. */
  async secret(id: string): Promise<string> {
    const { status, body } = await this.send('GET', `/v1/secret/${id}`);
    if (status !== 200) throw new Error(`GET /v1/secret/${id}: ${status}`);
    return (body as { value: string }).value;
  }

  async exported(): Promise<{ id: string; name: string; value: string; fieldNames: string | null }[]> {
    const { status, body } = await this.send('POST', '/v1/secrets/export');
    if (status !== 200) throw new Error(`POST /v1/secrets/export: ${status}`);
    return (body as { secrets: { id: string; name: string; value: string; fieldNames: string | null }[] })
      .secrets;
  }
}

function strictIdentity(text: string): Identity {
  const parsed = JSON.parse(text) as Record<string, unknown>;
  const keys = Object.keys(parsed).sort();
  if (keys.join() !== [...KEYS].sort().join()) throw new Error(`identity.json has the keys ${keys.join()}`);
  for (const key of KEYS) {
    if (typeof parsed[key] !== 'string') throw new Error(`identity.json: ${key} is no string`);
  }
  const { apiUrl } = parsed as Identity;
  // What the SDKs insist on.
  if (!/^(https:\/\/|http:\/\/localhost)[^/]*$/.test(apiUrl))
    throw new Error(`identity.json: apiUrl ${apiUrl}`);
  return parsed as Identity;
}
