# The credentials folder of this job, out of its environment; gone when the script that reads this ends, by a signal too.
set -eu
umask 077
credentials=$(mktemp -d)
trap 'rm -rf "$credentials"' EXIT
# A cancelled job is ended by a signal, of which not every shell comes to EXIT.
trap 'exit 130' INT
trap 'exit 143' TERM
printf %s "$VAULT_URL" >"$credentials/url"
printf %s "$VAULT_ID" >"$credentials/vault-id"
printf %s "$VAULT_AUTOMATION_ID" >"$credentials/automation-id"
printf '%s\n' "$VAULT_PRIVATE_KEY" >"$credentials/private.pem"
if [ -n "${VAULT_CA:-}" ]; then printf '%s\n' "$VAULT_CA" >"$credentials/ca.crt"; fi
