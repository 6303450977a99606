# No machine reads in more than ten projects: one stolen key should not open them all.
.steps[]
| select(.kind == "SetMachineAccess")
| select(.after.access | length > 10)
| "machine \(.key) would read in \(.after.access | length) projects, more than 10"
