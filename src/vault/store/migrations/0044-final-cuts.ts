/** Rail 7: whether a person made a cut final; none was. */
export const FINAL_CUTS = ['alter table tombstones add column final integer not null default 0'];
