/** What is kept of each version of a secret beside its value, what it takes to store, and who put what into the trash. */
export const SECRET_LIFE = [
  // Until here the shape of a version was not kept; that of the secret is the best there is for the older ones.
  'alter table secret_versions add column field_names text',
  `update secret_versions set field_names =
    (select secrets.field_names from secrets where secrets.id = secret_versions.secret_id)`,
  'alter table secret_versions add column bytes bigint not null default 0',
  // Of the value: what is sealed is base64 of 12 bytes of IV, the value, and 16 of the tag.
  `update secret_versions set bytes = (length(sealed) / 4) * 3 - 28 -
    (case when sealed like '%==' then 2 when sealed like '%=' then 1 else 0 end)`,
  `alter table secret_versions add column origin text not null default 'Set'`,
  'alter table secret_versions add column origin_version integer',
  'alter table secret_versions add column created_by text',
  'alter table vaults add column stored_bytes bigint not null default 0',
  `update vaults set stored_bytes = coalesce((
    select sum(secret_versions.bytes) from secret_versions
    join secrets on secrets.id = secret_versions.secret_id where secrets.vault_id = vaults.id), 0)`,
  'alter table secrets add column deleted_by text',
  'alter table secrets add column deleted_with_project integer not null default 0',
  // Secrets were deleted with their project alone.
  'update secrets set deleted_with_project = 1 where deleted_at is not null',
  'create index secrets_deleted on secrets (deleted_at)',
  'alter table projects add column deleted_by text',
  'alter table projects add column deleted_entry text',
  'create index projects_deleted on projects (deleted_at)',
];
