import { z } from 'zod';
import { AUTHORITIES, type AUTHORITY_KINDS } from '#model/authority.ts';
import { PRIVILEGE_APPROVALS } from '#model/fields.ts';
import { DEFAULT_INVITES } from '#model/invites.ts';
import { BUDGET_WINDOW, DEFAULT_BUDGETS, LOSS_CLASSES, LOSS_MODES, type LossClass } from '#model/loss.ts';
import { BROUGHT_KINDS } from '#model/record.ts';
import { spanText } from '#model/span-text.ts';
import { VAULT_ID, VAULT_ID_RULE, VAULT_URL, VAULT_URL_RULE } from '#model/vault-address.ts';
import { displayedName, email, localReference, namespaceName } from './field-schemas.ts';
import { mapList, matching, setList, withRules } from './rules.ts';
import { capabilities } from './template-cells.ts';

function budget(lossClass: LossClass) {
  const { min, max, percent } = DEFAULT_BUDGETS[lossClass];
  return withRules(
    z.strictObject({
      min: z.int().min(0).max(100_000).optional().describe(`Units that may always be lost. Default ${min}.`),
      max: z
        .int()
        .min(0)
        .max(100_000)
        .optional()
        .describe(`Units that are never exceeded. Default ${max ?? 'no bound'}.`),
      percent: z.int().min(0).max(100).optional().describe(`Of what there is. Default ${percent}.`),
    }),
    [
      {
        cel: `!has(self.max) || (has(self.min) ? self.min : ${min}) <= self.max`,
        message: `max must not be below min (where min is absent it is ${min}); raise max or lower min`,
        at: '.max',
        holds: (value) => value.max === undefined || (value.min ?? min) <= value.max,
      },
    ],
  ).describe(`What ${spanText(BUDGET_WINDOW)} may lose: max(min, min(max, percent of what there is)).`);
}

const principals = setList(z.string().min(1).max(253), 100);

const accessItems = z.strictObject({
  namespace: namespaceName.describe('The namespace whose objects name this Organization.'),
  kinds: setList(z.enum(BROUGHT_KINDS), BROUGHT_KINDS.length).describe(
    'Which kinds of objects it may bring.',
  ),
  roles: setList(z.enum(['Admin', 'Member']), 2)
    .optional()
    .describe('Which roles its Members may have. Default Member.'),
  templates: setList(displayedName, 200)
    .optional()
    .describe(
      'Names in the vault of the templates that it may bring, and that its Members may hold. Default none.',
    ),
  cells: capabilities.optional().describe('Which cells the templates that it brings may have. Default none.'),
  projects: setList(displayedName, 500)
    .optional()
    .describe(
      'Names in the vault of the projects that it may bring and grant, and that its bindings may read. Default none.',
    ),
});

/** A field that would do nothing for the kinds is a slip of the pen. */
const accessEntry = withRules(accessItems, [
  {
    cel: "!has(self.roles) || 'Member' in self.kinds",
    message: 'roles are of Members; add Member to kinds, or take roles away',
    at: '.roles',
    holds: ({ kinds, roles }) => roles === undefined || kinds.includes('Member'),
  },
  {
    cel: "!has(self.templates) || 'Member' in self.kinds || 'PermissionTemplate' in self.kinds",
    message:
      'templates are brought, or held by Members; add PermissionTemplate or Member to kinds, or take templates away',
    at: '.templates',
    holds: ({ kinds, templates }) =>
      templates === undefined || kinds.includes('Member') || kinds.includes('PermissionTemplate'),
  },
  {
    cel: "!has(self.cells) || 'PermissionTemplate' in self.kinds",
    message: 'cells are of templates that are brought; add PermissionTemplate to kinds, or take cells away',
    at: '.cells',
    holds: ({ kinds, cells }) => cells === undefined || kinds.includes('PermissionTemplate'),
  },
]);

const kindAuthority = z.enum(AUTHORITIES).optional();

const AUTHORITY = {
  members: kindAuthority.describe(
    'Exclusive: people leave, invites are taken back, and grants beyond Git go.',
  ),
  groups: kindAuthority.describe('Exclusive: groups go, and memberships and grants beyond Git.'),
  templates: kindAuthority.describe('Exclusive: templates that nobody holds go.'),
  projects: kindAuthority.describe('Exclusive: projects without secrets go, each by an approval.'),
  machines: kindAuthority.describe(
    'Exclusive: machines are disabled, never revoked, and grants beyond Git go. Production may read by them.',
  ),
} satisfies Record<(typeof AUTHORITY_KINDS)[number], z.ZodType>;

export const organizationSpec = z.strictObject({
  vault: z
    .strictObject({
      seneschal: z.strictObject({
        credentialsSecretRef: localReference.describe(
          'Secret of this namespace with the credentials of the automation identity; they say where the vault is.',
        ),
        url: matching(VAULT_URL, VAULT_URL_RULE, { max: 512 })
          .optional()
          .describe('Where the vault is, for whoever reviews; other credentials are refused.'),
        vaultId: matching(VAULT_ID, VAULT_ID_RULE, { max: 64 })
          .optional()
          .describe('Id of the vault on that server, for whoever reviews; other credentials are refused.'),
      }),
    })
    .describe('Which vault, and how it is reached.'),
  displayName: displayedName.optional().describe('Name of the organization; absent: left to the vault.'),
  owner: email
    .optional()
    .describe(
      'Who should own the organization (O3). Where another person does, that is told; the present owner offers it in the vault, and nothing else hands it over. Absent: left to the vault.',
    ),
  // Every request names it: with NUL in it the vault would take none.
  manager: matching(/^[^\p{Cc}]*$/u, 'must not have control characters', { min: 1, max: 253 })
    .optional()
    .describe('Name of the managed records, shared with the command line. Default namespace/name.'),
  rails: z
    .strictObject({
      settle: matching(/^[0-9]{1,5}[sm]$/, 'must be a number of seconds or minutes, for example 30s', {
        max: 16,
      })
        .optional()
        .describe('How long losses must stay the same before they run (rail 1). Default 30s.'),
      losses: z
        .enum(LOSS_MODES)
        .optional()
        .describe(
          'Hold: gains go on, and every loss waits for an approval but an explicit state: Suspended (rail 1). Default Budget.',
        ),
      cuts: z
        .enum(['Stall', 'Report'])
        .optional()
        .describe(
          'Report: a person or a template that people cut in the vault stays Ready, and says so. Stall: it is not Ready until Git agrees (rail 7). Default Report.',
        ),
      lossBudget: z
        .strictObject(
          Object.fromEntries(LOSS_CLASSES.map((name) => [name, budget(name).optional()])) as {
            [name in LossClass]: z.ZodOptional<ReturnType<typeof budget>>;
          },
        )
        .optional()
        .describe(`What ${spanText(BUDGET_WINDOW)} may lose, by class (rail 1).`),
      requiredAdmins: setList(email, 100)
        .optional()
        .describe('People that are never removed, suspended or demoted (rail 3).'),
      privilegeApproval: z
        .enum(PRIVILEGE_APPROVALS)
        .optional()
        .describe(
          'Whether a raise waits for an approval (rail 2): who becomes an admin, gets a cell by which others get access, or could reach values anew. Exclusive: where authority over the kind of the step is Exclusive. Default Always.',
        ),
      approvers: z
        .strictObject({
          users: principals.optional().describe('User names, as the API server knows them.'),
          groups: principals.optional().describe('Groups, as the API server knows them.'),
          members: setList(email, 100)
            .optional()
            .describe('E-mails of members who approve in the vault, beside its owner.'),
        })
        .optional()
        .describe('Who approves: by a PlanApproval, or in the vault. Default: the owner, in the vault.'),
    })
    .optional()
    .describe('What keeps a mistake in Git from taking access away.'),
  invites: z
    .strictObject({
      validFor: matching(
        /^(?:(?:[1-9][0-9]?|[1-6][0-9]{2}|7[01][0-9]|720)h|(?:[1-9]|[12][0-9]|30)d)$/,
        'must be from 1h to 30d, in hours or days, for example 48h or 7d',
        { max: 8 },
      )
        .optional()
        .describe('How long an invite is open from its sending on (I2). Default 7d.'),
      maxAttempts: z
        .int()
        .min(1)
        .max(10)
        .optional()
        .describe(
          `How often an invite is sent in all, without an edit in Git (I2). Default ${DEFAULT_INVITES.maxAttempts}.`,
        ),
      perHour: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe(
          'How many people are invited from Git in an hour (rail 8); the lower of this and the bound of the delegation holds. Default as the delegation.',
        ),
    })
    .optional()
    .describe('How long invites are open, how often they are sent, and how many leave in an hour.'),
  confirmation: z
    .enum(['Required'])
    .optional()
    .describe(
      'Required: who joins or is un-suspended has access once the owner has confirmed them (I4). Absent: as the vault itself asks.',
    ),
  authority: z
    .strictObject(AUTHORITY)
    .optional()
    .describe(
      'By kind, what becomes of what is in the vault and nobody declares: Additive leaves it and tells of it, Exclusive takes it away, under the rails (rail 11). Default Additive.',
    ),
  access: mapList(accessEntry, ['namespace'], 100)
    .optional()
    .describe(
      'Which namespaces bring which objects. Default: this one alone, whose bindings read the projects that are declared here.',
    ),
  management: z
    .enum(['Full', 'Observe'])
    .optional()
    .describe('Observe: plans are shown and nothing is done. Default Full.'),
  suspend: z.boolean().optional().describe('True: nothing is changed in the vault, and nothing is planned.'),
});
