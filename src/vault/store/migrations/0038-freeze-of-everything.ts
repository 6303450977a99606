/** Rail 12: a freeze that stops explicit suspensions too. */
export const FREEZE_OF_EVERYTHING: readonly string[] = [
  'alter table leases add column freeze_all integer not null default 0',
];
