/** The steps whose losses are held (rail 1). */
export const HELD_LOSSES = [
  `create table held_steps (
    vault_id text not null references vaults (id) on delete cascade, class text not null,
    step_hash text not null, primary key (vault_id, class, step_hash))`,
];
