/** Which namespaces bring which objects, in the rails that are kept: none did (rail 2). */
const APPROVAL = '"privilegeApproval":';
const WITH_ACCESS = '"access":[],"privilegeApproval":';

export const NAMESPACE_ACCESS = [
  // The texts are JSON that this server wrote.
  `update vaults set settings = replace(settings, '${APPROVAL}', '${WITH_ACCESS}') where settings is not null`,
  `update records set applied = replace(applied, '${APPROVAL}', '${WITH_ACCESS}') where kind = 'Organization'`,
];
