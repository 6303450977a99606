/** Policies of secrets, each with the reads that it counted. */
export const POLICIES = [
  `create table secret_policies (
    secret_id text primary key references secrets (id) on delete cascade, conditions text not null,
    set_by text not null, set_at bigint not null, minute bigint not null, minute_reads bigint not null,
    day bigint not null, day_reads bigint not null, reads bigint not null)`,
];
