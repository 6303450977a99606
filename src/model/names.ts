/**
 * What may be a name. A name becomes part of a path, of a file, of a key `project/secret`; so none has a slash of either
 * kind, and none is a segment that a URL drops.
 *
 * Decides V7: that no name is a path.
 */

/** UTF-16 units of a name at most. */
export const LONGEST_NAME = 128;

/**
 * Of projects, secrets, templates, groups and machines. Without look-ahead, because the API server's patterns (RE2)
 * have none: what begins with a dot goes on, and not with a second one alone.
 */
export const NAME =
  /^(?:[^\p{Z}\p{Cc}\p{Cs}/\\.](?:[^\p{Cc}\p{Cs}/\\]*[^\p{Z}\p{Cc}\p{Cs}/\\])?|\.(?:[^\p{Z}\p{Cc}\p{Cs}/\\.]|[^\p{Cc}\p{Cs}/\\]+[^\p{Z}\p{Cc}\p{Cs}/\\]))$/u;

/** What `NAME` asks, for who wrote another one. */
export const NAME_RULE =
  'must not be . or .., nor have slashes, backslashes or control characters, or white space at its ends';

/**
 * Of a person, on every plane: what Git declares is what can be invited, sign up and be written to. Before the `@` what mail
 * takes without quotes (RFC 5322 dot-atom, RFC 6531), after it the labels of a host; no slash, because it is part of paths.
 */
export const EMAIL =
  /^[^@.\p{Z}\p{Cc}\p{Cf}\p{Cs}/\\<>()[\],;:"]+(?:\.[^@.\p{Z}\p{Cc}\p{Cf}\p{Cs}/\\<>()[\],;:"]+)*@[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?(?:\.[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?)*$/u;

export const LONGEST_EMAIL = 254;

export const EMAIL_RULE =
  'must be an e-mail address without slashes or quotes, for example alice@acme.example';

export function isName(text: string): boolean {
  return text.length <= LONGEST_NAME && NAME.test(text);
}

export function isEmail(text: string): boolean {
  return text.length <= LONGEST_EMAIL && EMAIL.test(text);
}

/**
 * A text that, escaped, is one segment of a path that nothing on the way changes: it can be escaped, and has no dot
 * segment between slashes. All names are; so is much that is no name, by which a path can still speak of what is there.
 */
export const PATH_SEGMENT = /^(?!(?:[\s\S]*[/\\])?\.\.?(?:[/\\]|$))\P{Cs}+$/u;

export const PATH_SEGMENT_RULE = 'must not be . or .., nor hold them between slashes';

export function isPathSegment(text: string): boolean {
  return PATH_SEGMENT.test(text);
}

/** Whether a part of a decoded path is `.` or `..`. Proxies take an escaped slash, and some a backslash, for one that parts. */
export function hasDotSegment(text: string): boolean {
  return text.split(/[/\\]/).some((part) => part === '.' || part === '..');
}
