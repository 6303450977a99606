/** An ownership that its owner offers to a member. */
export const OWNERSHIP_OFFERS = [
  `create table ownership_offers (
    vault_id text primary key references vaults (id) on delete cascade,
    member_id text not null references members (id) on delete cascade,
    offered_by text not null references members (id) on delete cascade,
    offered_at bigint not null, expires_at bigint not null)`,
  'create index ownership_offers_member on ownership_offers (member_id)',
  'create index ownership_offers_owner on ownership_offers (offered_by)',
];
