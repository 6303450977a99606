# Runs every policy over the plan $1; each prints a line for what it refuses.
set -eu
refused=0
for policy in "$(dirname "$0")"/policies/*.jq; do
  lines=$(jq -r -f "$policy" "$1")
  if [ -n "$lines" ]; then
    printf '%s:\n%s\n' "$(basename "$policy" .jq)" "$lines"
    refused=1
  fi
done
exit "$refused"
