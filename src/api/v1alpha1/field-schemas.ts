/** Field schemas that several kinds share. Everything is bounded: CEL and etcd pay for what is not. */
import { z } from 'zod';
import { EMAIL, EMAIL_RULE, LONGEST_EMAIL, LONGEST_NAME, NAME, NAME_RULE } from '#model/names.ts';
import { atomicMap, immutable, matching, setList, withRules } from './rules.ts';

/** An object of the same namespace. */
export const localReference = z.strictObject({
  name: matching(/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/, 'must be the name of an object of this namespace', {
    min: 1,
    max: 253,
  }),
});

export const namespaceName = matching(
  /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  'must be the name of a namespace: lower-case letters, digits and dashes',
  { min: 1, max: 63 },
);

/** An object of the same namespace, or of another one that says which. */
const reference = localReference.extend({
  namespace: namespaceName.optional().describe('Default: the namespace of this object.'),
});

const unmoved = immutable<unknown>(
  'organizationRef',
  'delete the object and create it for the other organization',
);

export const organizationRef = withRules(reference, [unmoved]).describe(
  'The Organization that the object belongs to; one of another namespace lists this one in spec.access. Immutable.',
);

export const ownOrganizationRef = withRules(localReference, [unmoved]).describe(
  'The Organization of this namespace that the object belongs to. Immutable.',
);

/** A PermissionTemplate of the same namespace, or of another one that says which. */
export const templateRef = reference;

export const email = matching(EMAIL, EMAIL_RULE, { min: 3, max: LONGEST_EMAIL });

/** Names of projects, templates, secrets and machines as the vault shows them. */
export const displayedName = matching(NAME, NAME_RULE, { min: 1, max: LONGEST_NAME });

/** The name that something had: as Terraform's `moved`, it acts once and may stay. */
export const renamedFrom = displayedName.describe(
  'The name that it had in the vault: it keeps what is in it, once, where it came from this namespace and nothing declares or names that any more.',
);

/** Short enough that `-next` (the staged key) fits behind it. */
export const secretObjectName = matching(
  /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/,
  'must be the name of a Kubernetes Secret: lower-case letters, digits, dots and dashes',
  { min: 1, max: 240 },
);

/**
 * `all: true` or a list of project names, never both. One value to server-side apply: it drops a list of type set
 * that is emptied, and an absent scope is wider than an empty one.
 */
export const projectScope = atomicMap(
  withRules(
    z.strictObject({
      all: z.boolean().optional().describe('All projects, present and future.'),
      projects: setList(displayedName, 1000).optional().describe('Names of projects; an empty list is none.'),
    }),
    [
      {
        cel: '(has(self.all) && self.all) != has(self.projects)',
        message: 'takes exactly one of: all: true, or projects: a list of names',
        holds: ({ all, projects }) => (all === true) !== (projects !== undefined),
      },
    ],
  ),
);

export const access = z.enum(['Read', 'Write']).describe('Write includes Read (G1).');

const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})$/;

/** RFC 3339, to the second: the API server knows the format too, and refuses days that the calendar does not have. */
export const expiresAt = withRules(
  matching(TIME, 'must be a time as RFC 3339 writes it, 2027-01-31T18:00:00Z', { max: 25 }),
  [
    {
      // By the format of the schema.
      cel: null,
      message: 'must be a day and a time that there are',
      holds: (text) => !TIME.test(text) || isTime(text),
    },
  ],
).meta({ format: 'date-time' });

export const grantEnd = expiresAt.optional().describe('When the grant ends (M5). Default never.');

/** Whether each part is within its bounds: `Date.parse` takes 30 February for 2 March. */
function isTime(text: string): boolean {
  const local = text.slice(0, 19);
  const time = Date.parse(`${local}Z`);
  if (Number.isNaN(time) || Number.isNaN(Date.parse(text))) return false;
  return new Date(time).toISOString() === `${local}.000Z`;
}

/** A span of time in one unit, as Go writes it too. */
export const DURATION = /^[1-9][0-9]{0,5}[smh]$/;

export const duration = matching(
  DURATION,
  'must be a number of seconds, minutes or hours, for example 720h',
  { max: 7 },
);

/** Rail 7: id of the audit entry that the author answers. */
export const reinstate = matching(/^aud_[A-Za-z0-9]+$/, 'must be the id of an audit entry, aud_...', {
  max: 64,
}).describe('Id of the audit entry by which a person cut this access; gives it back (rail 7).');

export const condition = z.strictObject({
  type: z.string().max(64),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().max(128),
  message: z.string().max(4096),
  lastTransitionTime: z.string().max(32).meta({ format: 'date-time' }),
  observedGeneration: z.int().min(0).optional(),
});
