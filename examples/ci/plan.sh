# Plans the folder $1: plan.json for policies, plan.md for people. Fails where the plan does, not where something is to be
# done (2) or is held (3).
. "$(dirname "$0")/credentials.sh"
code=0
seneschal plan "$1" --credentials "$credentials" --out plan.json -o markdown >plan.md || code=$?
case $code in
0 | 2 | 3) ;;
*) exit "$code" ;;
esac
