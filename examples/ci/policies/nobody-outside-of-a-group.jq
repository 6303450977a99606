# Whom the plan invites is in a group that the same plan makes or fills.
([.steps[] | select(.kind == "CreateGroup" or .kind == "UpdateGroup") | .after.members[]] | unique) as $listed
| .steps[]
| select(.kind == "InviteMember")
| select(.key as $person | $listed | index($person) | not)
| "\(.key) would be invited and is in no group"
