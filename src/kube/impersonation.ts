import type { UserEntry } from './kubeconfig-file.ts';

/** Headers of `as`, `as-uid`, `as-groups`, `as-user-extra`. */
export function impersonation(user: UserEntry): Record<string, string | string[]> {
  if (user.as === undefined) return {};
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [
    `impersonate-extra-${escaped(key)}`,
    values,
  ]);
  return {
    'impersonate-user': user.as,
    ...(user['as-uid'] === undefined ? {} : { 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups'] === undefined ? {} : { 'impersonate-group': user['as-groups'] }),
    ...Object.fromEntries(extra),
  };
}

/** As client-go (transport/round_trippers.go): every byte that no header name takes, and `%`, as %XX. */
function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /^[A-Za-z0-9!#$&'*+.^_`|~-]$/.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
