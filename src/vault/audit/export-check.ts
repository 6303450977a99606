/**
 * Whether an export of the audit log is what the vault wrote, line by line and without the vault (A3). Pure.
 *
 * Decides A3: whether an export is what the vault wrote.
 */
import { z } from 'zod';
import { canonicalJson, sha256 } from '#model/digest.ts';
import { type ChainFault, genesis, verifyChain } from './chain.ts';
import { EXPORT_FORMAT, type ExportHeader } from './export.ts';
import { isSigned, type SignedHead, signedHead } from './signed-head.ts';

/** A head kept outside the vault: of the Organization's status, of an earlier export, or written down. */
export interface KeptHead {
  readonly sequence: number;
  readonly hash: string;
}

export type ExportFault =
  | ChainFault
  /** The first line is no header, or an entry or the head is none. */
  | 'NotAnExport'
  /** It ends without its head, or goes on behind it. */
  | 'Truncated'
  | 'TooLong'
  /** The head does not speak of these entries, or another wrote it. */
  | 'HeadBroken'
  | 'SignatureBroken'
  /** Signed by another key than the one that was expected. */
  | 'OtherKey'
  /** The head that was kept is of an entry that is not there any more. */
  | 'NewestMissing'
  /** The entry at the place of the head that was kept is another now. */
  | 'PastRewritten';

export type ExportVerdict =
  | { readonly intact: true; readonly head: SignedHead }
  /** `line` counts from 1; null where the fault is of no line. */
  | { readonly intact: false; readonly line: number | null; readonly reason: ExportFault };

const firstLine = z.strictObject({
  header: z.strictObject({
    format: z.literal(EXPORT_FORMAT),
    vaultId: z.string().min(1),
    epoch: z.string().min(1),
    publicKey: z.string(),
  }),
});
const lastLine = z.strictObject({ head: signedHead });
const ENTRY = /^\{"entry":(\{.*\}),"hash":"([0-9a-f]{64})"\}$/s;

export interface Expected {
  readonly publicKey?: string | undefined;
  readonly kept?: KeptHead | undefined;
}

/** Takes the lines in order, without their newlines, and judges at the end. */
export class ExportCheck {
  readonly #expected: Expected;
  #line = 0;
  #header: ExportHeader | null = null;
  #sequence = 0;
  #hash = '';
  #hashAtKept: string | null = null;
  #head: SignedHead | null = null;
  #fault: Extract<ExportVerdict, { intact: false }> | null = null;

  constructor(expected: Expected = {}) {
    this.#expected = expected;
  }

  /** False once a fault was found: what follows says nothing more. */
  take(line: string): boolean {
    if (this.#fault !== null) return false;
    this.#line += 1;
    const fault = this.#faultOf(line);
    if (fault !== null) this.#fault = { intact: false, line: this.#line, reason: fault };
    return fault === null;
  }

  /** `ended`: whether the last line had its newline. */
  verdict(ended: boolean): ExportVerdict {
    if (this.#fault !== null) return this.#fault;
    if (this.#head === null || !ended) return { intact: false, line: null, reason: 'Truncated' };
    const { kept } = this.#expected;
    if (kept === undefined || kept.hash === this.#hashAtKept) return { intact: true, head: this.#head };
    const reason = kept.sequence > this.#sequence ? 'NewestMissing' : 'PastRewritten';
    return { intact: false, line: null, reason };
  }

  #faultOf(line: string): ExportFault | null {
    if (this.#header === null) return this.#takeHeader(line);
    if (this.#head !== null) return 'TooLong';
    return line.startsWith('{"head":')
      ? this.#takeHead(line, this.#header)
      : this.#takeEntry(line, this.#header);
  }

  #takeHeader(line: string): ExportFault | null {
    const header = canonical(firstLine, line)?.header;
    if (header === undefined) return 'NotAnExport';
    const { publicKey = header.publicKey } = this.#expected;
    if (header.publicKey !== publicKey) return 'OtherKey';
    this.#header = header;
    this.#moveTo(0, genesis(header.vaultId));
    return null;
  }

  #takeEntry(line: string, { vaultId }: ExportHeader): ExportFault | null {
    const [, entry, hash] = ENTRY.exec(line) ?? [];
    if (entry === undefined || hash === undefined) return 'NotAnExport';
    const from = { sequence: this.#sequence, hash: this.#hash };
    const verdict = verifyChain(vaultId, [{ entry, digest: sha256(entry), hash }], from);
    if (!verdict.intact) return verdict.reason;
    this.#moveTo(verdict.sequence, verdict.hash);
    return null;
  }

  #takeHead(line: string, { vaultId, epoch, publicKey }: ExportHeader): ExportFault | null {
    const head = canonical(lastLine, line)?.head;
    if (head === undefined) return 'NotAnExport';
    const speaksOfThese =
      head.vaultId === vaultId &&
      head.epoch === epoch &&
      head.publicKey === publicKey &&
      head.sequence === this.#sequence &&
      head.hash === this.#hash;
    if (!speaksOfThese) return 'HeadBroken';
    if (!isSigned(head)) return 'SignatureBroken';
    this.#head = head;
    return null;
  }

  #moveTo(sequence: number, hash: string): void {
    this.#sequence = sequence;
    this.#hash = hash;
    if (this.#expected.kept?.sequence === sequence) this.#hashAtKept = hash;
  }
}

/** The value of a line that is its canonical JSON, byte for byte. */
function canonical<T>(schema: z.ZodType<T>, line: string): T | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return canonicalJson(value) === line ? schema.safeParse(value).data : undefined;
  } catch {
    return undefined;
  }
}
