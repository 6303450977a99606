/** Which member gave an approval: it counts as long as they approve, and goes with their membership. */
export const MEMBERS_WHO_APPROVE = [
  'alter table approvals add column member_id text references members (id) on delete cascade',
  'create index approvals_member on approvals (member_id)',
];
