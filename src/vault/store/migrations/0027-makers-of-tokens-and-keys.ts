/** Whose a token is, and who was shown a key: what ends, and what is to be rotated, with a membership (M2). */
export const MAKERS = [
  'alter table enrollment_tokens add column maker text',
  'alter table bootstrap_tokens add column maker text',
  'alter table machine_keys add column maker text',
];
