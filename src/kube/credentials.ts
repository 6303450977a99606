import { readFile } from 'node:fs/promises';
import type { TlsMaterial } from './transport.ts';

export type Headers = Readonly<Record<string, string | string[]>>;

/** Who we are to one API server. */
export interface Credentials {
  /** Headers of each call: authorization, impersonation. */
  headers(): Promise<Headers>;
  /** The same object as long as nothing changed. */
  tls(): Promise<TlsMaterial>;
  /** Called after a 401: reads again what can be read again. True if the call is worth one more try. */
  refresh(): Promise<boolean>;
}

/** Where an API server is and who we are to it. */
export interface KubeConfig {
  readonly server: URL;
  readonly credentials: Credentials;
  /** Namespace of the context, or of the pod. */
  readonly namespace: string;
}

/** Files are read again after this long: kubelet replaces tokens of pods before they expire. */
const REREAD_MS = 60_000;

/** A text that lives in a file and changes now and then. Trimmed. */
export class FileText {
  readonly #path: string;
  readonly #now: () => number;
  #text: string | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
  }

  /** Read from the file at most once a minute. A file that cannot be read any more keeps the last text. */
  async get(): Promise<string> {
    if (this.#text === undefined || this.#now() - this.#readAt >= REREAD_MS) await this.reread();
    return this.#text ?? '';
  }

  /** True if the text is another one than before. */
  async reread(): Promise<boolean> {
    const before = this.#text;
    try {
      this.#text = (await readFile(this.#path, 'utf8')).trim();
      this.#readAt = this.#now();
    } catch (error) {
      if (before === undefined) throw error;
      this.#readAt = this.#now();
    }
    return this.#text !== before;
  }
}

export interface FileCredentials {
  readonly token?: FileText | undefined;
  readonly ca?: FileText | undefined;
  readonly tls?: TlsMaterial | undefined;
  readonly headers?: Headers | undefined;
}

/** Credentials whose token and CA may each come from a file that is replaced in time. */
export function fileCredentials(from: FileCredentials): Credentials {
  let material: TlsMaterial = from.tls ?? {};
  return {
    async headers() {
      if (from.token === undefined) return from.headers ?? {};
      return { ...from.headers, authorization: `Bearer ${await from.token.get()}` };
    },
    async tls() {
      const ca = await from.ca?.get();
      if (ca !== undefined && ca !== material.ca) material = { ...material, ca };
      return material;
    },
    async refresh() {
      return (await from.token?.reread()) ?? false;
    },
  };
}
