# Nobody is raised (rail 2) by a step that would run without an approval.
# A plan has such a step where `rails.privilegeApproval` is looser than Always, or where its approval was given already.
.steps[]
| select(.standing == "Run")
| . as $step
| .changes[]
| select(.raised | length > 0)
| "\($step.kind) \($step.key): \(.who) would be raised at once: \(.raised | join(", "))"
