/**
 * The hash of a plan's document: over all of it that decides, so that a step that was taken out of the file, or put into
 * it, is noticed as well as one that was changed.
 */
import { canonicalJson, sha256 } from '#model/digest.ts';

/** What decides nothing is left out: `open` and `findings` tell what is there once the plan has run. */
interface Told {
  readonly hash?: unknown;
  readonly open?: unknown;
  readonly findings?: unknown;
}

/** Lower-case hex SHA-256 of the canonical JSON (RFC 8785) of the document without `hash`, `open` and `findings`. */
export function planHash(document: object & Told): string {
  const { hash: _hash, open: _open, findings: _findings, ...deciding } = document;
  // As the file has it: what is undefined is not there.
  return sha256(canonicalJson(JSON.parse(JSON.stringify(deciding))));
}
