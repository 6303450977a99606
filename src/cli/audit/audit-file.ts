/** Exports of the audit log in files: read line by line, judged, and told. */
import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import {
  type Expected,
  ExportCheck,
  type ExportFault,
  type ExportVerdict,
} from '#vault/audit/export-check.ts';
import { Failure } from '../terminal/failure.ts';

const NEWLINE = 10;

/** Throws Failure `Usage` where the file cannot be read. */
export async function checkedFile(file: string, expected: Expected): Promise<ExportVerdict> {
  const check = new ExportCheck(expected);
  // Bytes that are no UTF-8 must not pass for the character that would replace them.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
        const line = rest.subarray(0, end);
        rest = rest.subarray(end + 1);
        if (!check.take(decoded(decoder, line))) return check.verdict(true);
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure('Usage', `${file} cannot be read (${code ?? 'unknown error'}).`, 'Correct the path.');
  }
  return check.verdict(rest.length === 0);
}

/** The text of a line; the empty one, which is a line of no export, for bytes that are no text. */
function decoded(decoder: TextDecoder, line: Uint8Array): string {
  try {
    return decoder.decode(line);
  } catch {
    return '';
  }
}

const FAULTS: Readonly<Record<ExportFault, string>> = {
  EntryChanged: 'the entry is not the one that was written',
  NotCanonical: 'the entry is not as the vault writes it',
  SequenceBroken: 'an entry was left out, added or moved',
  HashBroken: 'the entry does not follow on the one before: one of them was changed',
  OtherVault: 'the entry is of another vault',
  NotAnExport: 'the line is none of an export',
  Truncated: 'it ends before its head: entries may be missing',
  TooLong: 'there is more behind the head',
  HeadBroken: 'the head does not speak of these entries',
  SignatureBroken: 'the head was not signed by the key of the vault',
  OtherKey: 'it was signed by another key than the one that is expected',
  NewestMissing:
    'the entry of the head that was kept is missing: the newest were deleted, or the vault was rolled back',
  PastRewritten:
    'the entry of the head that was kept is another now: the log was rewritten, or the vault was rolled back',
};

/** A verdict as people read it. */
export function toldVerdict(file: string, verdict: ExportVerdict): string {
  if (!verdict.intact) {
    const place = verdict.line === null ? file : `${file}:${verdict.line}`;
    return `${place}: ${FAULTS[verdict.reason]} (${verdict.reason})`;
  }
  const { vaultId, epoch, sequence, hash, at, publicKey } = verdict.head;
  return [
    `${file}: whole, ${sequence} ${sequence === 1 ? 'entry' : 'entries'} of ${vaultId}`,
    `  head ${sequence}:${hash}, epoch ${epoch}, signed ${new Date(at).toISOString()}`,
    `  by ${publicKey}`,
  ].join('\n');
}
