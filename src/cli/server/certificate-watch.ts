/** The certificate's files, looked at while the server runs: whoever renews them needs no restart. */

import type { ServerLog } from '#vault/common/server-log.ts';
import { type Certificate, CertificateError } from '#vault/http/certificate.ts';
import { Failure } from '../terminal/failure.ts';
import { readPrivate } from '../terminal/private-files.ts';

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string | undefined;
}

/** Throws Failure where one cannot be read. */
export async function readCertificate({ cert, key, ca }: CertificateFiles): Promise<Certificate> {
  return {
    cert: await readPrivate(cert),
    key: await readPrivate(key),
    ...(ca === undefined ? {} : { ca: await readPrivate(ca) }),
  };
}

/** How often they are looked at, in milliseconds: files that are swapped by links (a mounted Secret) fire no events. */
const EVERY = 2000;

/** Shows what stands in the files whenever that changes; what cannot be shown is logged once, and changes nothing. */
export class CertificateWatch {
  readonly #files: CertificateFiles;
  readonly #present: (certificate: Certificate) => void;
  readonly #log: ServerLog;
  /** As it was seen last, shown or not. */
  #seen: string;
  #looking: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(
    files: CertificateFiles,
    shown: Certificate,
    present: (certificate: Certificate) => void,
    log: ServerLog,
  ) {
    this.#files = files;
    this.#present = present;
    this.#log = log;
    this.#seen = JSON.stringify(shown);
    this.#timer = setInterval(() => void this.look(), EVERY);
    this.#timer.unref();
  }

  /** Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const certificate = await readCertificate(this.#files);
      const seen = JSON.stringify(certificate);
      if (seen === this.#seen) return;
      this.#seen = seen;
      this.#present(certificate);
      this.#log.info({}, 'the certificate was read anew');
    } catch (error) {
      const why = error instanceof CertificateError || error instanceof Failure ? error.message : 'a fault';
      // A file that is gone for a moment is seen each time until it is back; it is said once.
      if (error instanceof Failure && this.#seen === why) return;
      if (error instanceof Failure) this.#seen = why;
      this.#log.error({ why }, 'the certificate stays as it was');
    }
  }
}
