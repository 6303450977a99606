/** A member who has to accept again or to be confirmed, and the project keys that a rotation replaces. */
export const ROUNDS = [
  'alter table members add column awaits text',
  'alter table members add column state_after text',
  'alter table projects add column rekey_due integer not null default 0',
];
