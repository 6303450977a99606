/** `seneschal audit export`: the log of a vault to a file. */

import { open, rename, rm } from 'node:fs/promises';
import { pathTo } from '#protocol/request-path.ts';
import { asPerson, type PersonOptions } from '../person/as-person.ts';
import { type Output, printAnswer } from '../terminal/answer.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { checkedFile, toldVerdict } from './audit-file.ts';

interface Options extends PersonOptions {
  readonly out: string;
  readonly output: Output;
}

/**
 * The file is written beside and put in place once it is complete. It stays also where its chain is broken:
 * it is the proof of that. Throws Failure.
 */
export async function auditExport({ out, output, ...person }: Options): Promise<readonly CommandOutcome[]> {
  const part = `${out}.part`;
  try {
    const file = await open(part, 'w', 0o600);
    try {
      await asPerson(person, ({ download }) =>
        download(pathTo`/audit/export`, async (bytes) => file.writeFile(bytes)),
      );
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, out);
  } finally {
    await rm(part, { force: true });
  }
  const verdict = await checkedFile(out, {});
  printAnswer(output, { file: out, ...verdict }, toldVerdict(out, verdict));
  return verdict.intact ? [] : ['Error'];
}
