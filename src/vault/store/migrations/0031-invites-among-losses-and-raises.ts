/** Invites as a class of losses, in the rails and ceilings that are kept; and what raises replaced (rails 1 and 2). */
const INVITES = '"lossBudget":{';
const WITH_INVITES = '"losses":"Budget","lossBudget":{"invites":{"max":null,"min":20,"percent":50},';

export const INVITES_AND_RAISES = [
  // The texts are JSON that this server wrote; a rail that was set keeps its value.
  `update vaults set settings = replace(settings, '${INVITES}', '${WITH_INVITES}') where settings is not null`,
  `update records set applied = replace(applied, '${INVITES}', '${WITH_INVITES}') where kind = 'Organization'`,
  `update automations set ceilings = replace(ceilings, '"suspensions":', '"invites":200,"suspensions":')`,
  `create table raises (
    vault_id text not null references vaults (id) on delete cascade, entry text not null, kind text not null,
    key text not null, before_value text not null, after_value text not null, gained text not null,
    at bigint not null, taken_back_at bigint, primary key (vault_id, entry))`,
  'create index raises_window on raises (vault_id, at)',
];
