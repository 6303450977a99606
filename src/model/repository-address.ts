/**
 * The address of a repository as it may be shown and kept.
 *
 * Decides A4: which address of a repository is told, and that no password goes with it.
 */

/** `git@host:path`: how ssh names a repository without a scheme. */
const SCP = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)([^\s?#]+)$/;

const SCHEMES: readonly string[] = ['https:', 'http:', 'ssh:', 'git:', 'oci:'];

/**
 * The address without user name, password, query and fragment: pipelines write tokens into all of them. Undefined: it is
 * none that others could follow, as the path of a folder.
 */
export function repositoryAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (url !== null && SCHEMES.includes(url.protocol) && url.host !== '') {
    return `${url.protocol}//${url.host}${url.pathname}`;
  }
  const [, host, path] = SCP.exec(trimmed) ?? [];
  return url === null && host !== undefined && path !== undefined ? `ssh://${host}/${path}` : undefined;
}
