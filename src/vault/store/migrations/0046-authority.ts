/** What becomes of what is foreign, in the rails that are kept: it was left alone (rail 11). */
const APPROVAL = '"privilegeApproval":';
const KINDS = ['groups', 'machines', 'members', 'projects', 'templates'];
const ADDITIVE = KINDS.map((kind) => `"${kind}":"Additive"`).join(',');
const WITH_AUTHORITY = `"authority":{${ADDITIVE}},${APPROVAL}`;

export const AUTHORITY = [
  // The texts are JSON that this server wrote.
  `update vaults set settings = replace(settings, '${APPROVAL}', '${WITH_AUTHORITY}') where settings is not null`,
  `update records set applied = replace(applied, '${APPROVAL}', '${WITH_AUTHORITY}') where kind = 'Organization'`,
];
