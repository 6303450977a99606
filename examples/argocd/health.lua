-- Health of every kind of seneschal.dev, for Argo CD (argocd-cm, resource.customizations.health.seneschal.dev_KIND).
-- An open invite is healthy: Ready never waits for a person. What a rail holds is Degraded, with the command that approves it.
local status = obj.status
if status == nil or status.conditions == nil then
  return { status = "Progressing", message = "The operator has not looked at it yet." }
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition
end
local function holds(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

if holds("Suspended") then
  return { status = "Suspended", message = "spec.suspend is true; nothing is looked at." }
end
if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "The operator has not looked at this generation yet." }
end
if holds("Stalled") then
  return { status = "Degraded", message = conditions.Stalled.message }
end
if holds("Reconciling") then
  return { status = "Progressing", message = conditions.Reconciling.message }
end
if holds("Ready") then
  return { status = "Healthy", message = conditions.Ready.message }
end
if conditions.Ready ~= nil and conditions.Ready.status == "False" then
  return { status = "Degraded", message = conditions.Ready.message }
end
return { status = "Progressing", message = "Not known yet." }
