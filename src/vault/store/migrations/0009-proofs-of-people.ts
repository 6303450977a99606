/** When the person of a session last proved who they are; a session of before has proven nothing. */
export const PROOF = ['alter table sessions add column proven_at bigint not null default 0'];
