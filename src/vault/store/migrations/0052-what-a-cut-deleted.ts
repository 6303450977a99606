/** Rail 7: the id of the secret or project that a person deleted; null: the cut deleted none. */
export const WHAT_A_CUT_DELETED = ['alter table tombstones add column thing text'];
