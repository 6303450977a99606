/** When a member was last here, to about five minutes; null: not since this was kept. */
export const MEMBERS_SEEN = ['alter table members add column last_seen_at bigint'];
