/** Who is told of what in a vault: alerts, webhooks, and whom members turn to. */
export const NOTICES = [
  `create table alert_rules (
    vault_id text not null references vaults (id) on delete cascade, name text not null, enabled integer not null,
    actions text not null, actors text, roles text not null, emails text not null, webhooks text not null,
    primary key (vault_id, name))`,
  `create table alert_notices (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, rule text not null,
    entry text not null, action text not null, actor text not null, subject text not null, at bigint not null)`,
  'create index alert_notices_vault on alert_notices (vault_id, at)',
  `create table integrations (
    id text primary key, vault_id text not null references vaults (id) on delete cascade, name text not null,
    url text not null, wrapped_key text not null, root_key_id text not null, created_at bigint not null,
    last_success_at bigint, last_failure_at bigint, last_error text, failures integer not null,
    failing_since bigint, disabled_at bigint, unique (vault_id, name))`,
  `create table deliveries (
    id text primary key, vault_id text not null references vaults (id) on delete cascade,
    integration_id text not null references integrations (id) on delete cascade, event text not null,
    body text not null, created_at bigint not null, attempts integer not null, next_attempt_at bigint,
    delivered_at bigint, last_error text)`,
  'create index deliveries_due on deliveries (next_attempt_at)',
  'create index deliveries_integration on deliveries (integration_id, created_at)',
  `create table support (
    vault_id text primary key references vaults (id) on delete cascade, contact text not null,
    runbook_url text not null)`,
];
