/** `seneschal audit export`: the log of a vault to a file. */
import { open, rename, rm } from 'node:fs/promises';
import { checkedFile, toldVerdict } from './audit-file.ts';
import type { Outcome } from './exit-codes.ts';
import { asPerson } from './person.ts';
import { print } from './print.ts';

interface Options {
  readonly url: string;
  readonly vault: string;
  readonly as: string;
  readonly passwordFile: string;
  readonly signInCode?: string;
  readonly out: string;
  readonly ca?: string;
}

/**
 * The file is written beside and put in place once it is complete. It stays also where its chain is broken:
 * it is the proof of that. Throws Failure.
 */
export async function auditExport({ out, ...person }: Options): Promise<readonly Outcome[]> {
  const part = `${out}.part`;
  try {
    const file = await open(part, 'w', 0o600);
    try {
      await asPerson({ ...person, namespace: 'default' }, ({ download }) =>
        download('/audit/export', async (bytes) => file.writeFile(bytes)),
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
  print(toldVerdict(out, verdict));
  return verdict.intact ? [] : ['Error'];
}
