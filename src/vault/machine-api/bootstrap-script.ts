/** The script that makes a machine's identity with a POSIX shell, openssl and curl. */
import { certificateLines, requirePlain } from '../machines/bootstrap-command.ts';

export interface BootstrapFacts {
  readonly vaultId: string;
  /** The vault's address: no path, no slash at the end. */
  readonly apiUrl: string;
  readonly token: string;
  /** PEM of the authority that the machine needs beside those of its system; null: none. */
  readonly caCertificate: string | null;
}

/**
 * All of it is one function that the last line calls, so that a download that breaks off runs nothing. The key never
 * leaves the machine; an identity that is there is not overwritten, nor is the token used for it. An authority of the
 * vault's own comes with it, and stays beside the identity. Throws RangeError where a fact holds what a shell would
 * take for more than text.
 */
export function bootstrapScript(facts: BootstrapFacts): string {
  const { vaultId, apiUrl, token, caCertificate } = facts;
  requirePlain(vaultId, apiUrl, token);
  const certificate = caCertificate === null ? [] : certificateLines(caCertificate);
  const authority =
    certificate.length === 0
      ? ''
      : `
  ca=$dir/ca.crt.new
  cat >"$ca" <<'EOF'
${certificate.join('\n')}
EOF`;
  return `#!/bin/sh
set -eu
umask 077

vault='${vaultId}'
url='${apiUrl}'
token='${token}'

fail() {
  echo "bootstrap: $1" >&2
  exit 1
}

# The text of a member of the answer, which holds no quote and no backslash in it.
member() {
  printf '%s' "$answer" | sed -n 's/.*"'"$1"'":"\\([^"\\\\]*\\)".*/\\1/p'
}

main() {
  command -v openssl >/dev/null || fail 'openssl is needed'
  command -v curl >/dev/null || fail 'curl is needed'
  home=\${SIKKERKEY_HOME:-$HOME/.sikkerkey}
  mkdir -p "$home/vaults/$vault"
  home=$(cd "$home" && pwd)
  dir=$home/vaults/$vault
  chmod 700 "$home" "$home/vaults" "$dir"
  [ ! -e "$dir/identity.json" ] || fail "there is an identity in $dir already"

  new=$dir/private.pem.new
  ca=
  trap 'rm -f "$new" "$dir/ca.crt.new" "$dir/identity.json.new"' EXIT
  trap 'exit 1' HUP INT TERM${authority}
  openssl genpkey -algorithm Ed25519 -out "$new" </dev/null 2>/dev/null ||
    fail 'this openssl makes no Ed25519 keys (1.1.1 and later do)'
  chmod 600 "$new"
  public=$(openssl pkey -in "$new" -pubout -outform DER | tail -c 32 | openssl base64 -A)
  host=$(uname -n | tr -cd 'A-Za-z0-9._-')
  answer=$(printf '{"token":"%s","publicKey":"%s","hostname":"%s"}' "$token" "$public" "\${host:-machine}" |
    curl -sS \${ca:+--cacert} \${ca:+"$ca"} -X POST -H 'Content-Type: application/json' --data-binary @- "$url/v1/bootstrap/register") ||
    fail "$url does not answer"
  machine=$(member machineId)
  name=$(member machineName)
  [ -n "$machine" ] && [ -n "$name" ] || fail "refused: $(member error)"

  path=$(printf '%s' "$dir/private.pem" | sed 's/[\\\\"]/\\\\&/g')
  printf '{"machineId":"%s","machineName":"%s","vaultId":"%s","apiUrl":"%s","privateKeyPath":"%s"}\\n' \\
    "$machine" "$name" "$vault" "$url" "$path" >"$dir/identity.json.new"
  [ -z "$ca" ] || mv "$ca" "$dir/ca.crt"
  mv "$new" "$dir/private.pem"
  mv "$dir/identity.json.new" "$dir/identity.json"
  trap - EXIT
  echo "The machine $name ($machine) is registered and waits for a person to approve it."
  echo "Its identity is in $dir."
}

main
`;
}
