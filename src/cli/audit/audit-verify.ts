/** `seneschal audit verify`: an export, held against what was kept outside the vault. Nothing is asked of it. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { parsePublicKey } from '#identity/key-pair.ts';
import type { KeptHead } from '#vault/audit/export-check.ts';
import { hash, isSigned, signedHead } from '#vault/audit/signed-head.ts';
import { jsonText } from '../terminal/answer.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { print, tell } from '../terminal/print.ts';
import { checkedFile, toldVerdict } from './audit-file.ts';

interface Options {
  readonly head?: string;
  readonly publicKey?: string;
  readonly output: 'text' | 'json';
}

/** Throws Failure `Usage` for a head or a key that is none. */
export async function auditVerify(file: string, options: Options): Promise<readonly CommandOutcome[]> {
  const { publicKey } = options;
  if (publicKey !== undefined && parsePublicKey(publicKey) === undefined) {
    throw new Failure('Usage', '--public-key is no Ed25519 key.', 'It is 32 bytes in standard base64.');
  }
  const kept = options.head === undefined ? undefined : await headOf(options.head);
  const verdict = await checkedFile(file, { publicKey, kept });
  print(options.output === 'json' ? jsonText({ file, ...verdict }, 0) : toldVerdict(file, verdict));
  if (verdict.intact && kept === undefined) {
    tell('That nothing newer is missing shows only against a head that was kept outside the vault: --head.');
  }
  if (verdict.intact && kept?.epoch !== undefined && kept.epoch !== verdict.head.epoch) {
    tell(`The vault was restored from a backup since that head was kept (epoch ${kept.epoch} before).`);
  }
  return verdict.intact ? [] : ['Error'];
}

type Kept = KeptHead & { readonly epoch?: string | undefined };

const plainHead = z.object({ sequence: z.int().min(0), hash, epoch: z.string().optional() });
const inOrganization = z.object({ status: z.object({ auditHead: plainHead }) });
const inVerdict = z.object({ head: signedHead });

async function headOf(given: string): Promise<Kept> {
  const [, sequence, text] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(given) ?? [];
  if (sequence !== undefined && text !== undefined) return { sequence: Number(sequence), hash: text };
  const content = await readFile(given, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code ?? 'unknown error';
    throw new Failure('Usage', `--head ${given} cannot be read (${why}).`, 'Give SEQUENCE:HASH or a file.');
  });
  // Of an export it is the last line that counts; all of it might pass for one strange YAML document.
  const value =
    documentIn(content.trimEnd().split('\n').at(-1) ?? '', JSON.parse) ?? documentIn(content, parseYaml);
  const signed = inVerdict.safeParse(value).data?.head ?? signedHead.safeParse(value).data;
  if (signed !== undefined && !isSigned(signed)) {
    throw new Failure(
      'Usage',
      `--head ${given} is not signed by its key.`,
      'Take a copy that nobody changed.',
    );
  }
  const found =
    signed ?? inOrganization.safeParse(value).data?.status.auditHead ?? plainHead.safeParse(value).data;
  if (found === undefined) {
    throw new Failure(
      'Usage',
      `--head ${given} holds no head.`,
      'Give SEQUENCE:HASH, an export, or an Organization with status.auditHead.',
    );
  }
  return found;
}

const parseYaml = (text: string): unknown => parse(text, { maxAliasCount: 0, logLevel: 'silent' });

function documentIn(text: string, read: (text: string) => unknown): unknown {
  try {
    const value = read(text);
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}
