/** Who attacks; each has its section in docs/threat-model.md. */
export const ACTORS = [
  'Thief of an automation credential',
  'Tenant who may patch Organizations',
  'Tenant of another namespace',
  'Rogue committer',
  'Author of a pull request',
  'Relay on the network',
  'Outsider',
  'Member',
  'Admin',
  'Removed member',
  'Machine',
  'Holder of a stolen backup',
  'Operator of the vault server',
] as const;

export type Actor = (typeof ACTORS)[number];
