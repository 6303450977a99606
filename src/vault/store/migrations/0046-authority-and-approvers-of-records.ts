/** In the rails that are kept: what is foreign was left alone (rail 11), invites were as they are by default (I2), and no rail asked for confirmation (I4). */
const APPROVAL = '"privilegeApproval":';
const KINDS = ['groups', 'machines', 'members', 'projects', 'templates'];
const ADDITIVE = KINDS.map((kind) => `"${kind}":"Additive"`).join(',');
const CONFIRMATION = '"confirmation":false,';
const INVITES = '"invites":{"maxAttempts":3,"perHour":null,"validForSeconds":604800},';
const WITH_AUTHORITY = `"authority":{${ADDITIVE}},${CONFIRMATION}${INVITES}${APPROVAL}`;

export const AUTHORITY = [
  // By whom the last step about a thing was approved.
  'alter table records add column approved text',
  // The texts are JSON that this server wrote.
  `update vaults set settings = replace(settings, '${APPROVAL}', '${WITH_AUTHORITY}') where settings is not null`,
  `update records set applied = replace(applied, '${APPROVAL}', '${WITH_AUTHORITY}') where kind = 'Organization'`,
];
