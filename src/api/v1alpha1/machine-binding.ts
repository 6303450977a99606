import { z } from 'zod';
import { secondsIn } from '#model/duration.ts';
import {
  DURATION,
  displayedName,
  duration,
  organizationRef,
  reinstate,
  secretObjectName,
} from './field-schemas.ts';
import { immutable, mapList, matching, type Rule, setList, withRules } from './rules.ts';
import { target } from './target.ts';

const mountPath = matching(/^\/[^\p{Cc}]*$/u, 'must be an absolute path', { max: 512 }).describe(
  'Where pods mount the key Secret. Default /var/run/secrets/seneschal.',
);

/** Where `key.overlap` is not given. */
const OVERLAP = '24h';

/** The overlap as CEL has it; what is no span is refused by its own rule alone. */
const overlapInCel = `duration(has(self.overlap) && self.overlap.matches(r'${DURATION.source}') ? self.overlap : '${OVERLAP}')`;

const overlapOf = (overlap: string | undefined): number =>
  secondsIn(overlap !== undefined && DURATION.test(overlap) ? overlap : OVERLAP);

/** A rule about a field of the key beside its overlap, where the field is given and is a span. */
function besideOverlap(
  field: 'rotateEvery' | 'maxOverlap',
  comparison: '>' | '>=',
  message: string,
): Rule<{ readonly [name in typeof field | 'overlap']?: string | undefined }> {
  const is = comparison === '>' ? (a: number, b: number) => a > b : (a: number, b: number) => a >= b;
  return {
    cel: `!has(self.${field}) || !self.${field}.matches(r'${DURATION.source}') || duration(self.${field}) ${comparison} ${overlapInCel}`,
    message,
    at: `.${field}`,
    holds: ({ [field]: span, overlap }) =>
      span === undefined || !DURATION.test(span) || is(secondsIn(span), overlapOf(overlap)),
  };
}

const key = withRules(
  z.strictObject({
    secretName: withRules(secretObjectName, [
      immutable('key.secretName', 'delete this MachineBinding and create one with the new name'),
    ]).describe('Secret of this namespace that pods mount. Immutable.'),
    mountPath: mountPath.optional(),
    rotateEvery: duration
      .optional()
      .describe('How long a key is mounted before another one follows it. Default: none follows by time.'),
    overlap: duration
      .optional()
      .describe(
        'How long an old key stays valid at least, and how long nothing must have used it before it goes. Default 24h.',
      ),
    maxOverlap: duration
      .optional()
      .describe(
        'When an old key ends though something uses it still. Default never: SDKs keep the key that they started with.',
      ),
    epoch: z
      .union([z.int().min(0), z.string().min(1).max(63)])
      .meta({ 'x-kubernetes-int-or-string': true })
      .optional()
      .describe('Any number or text; a change of it rotates the key once.'),
    compromised: setList(
      matching(/^[0-9a-f]{64}$/, 'must be a fingerprint: 64 lower-case hexadecimal digits', { max: 64 }),
      100,
    )
      .optional()
      .describe(
        'Fingerprints of keys that others may hold: each is followed by another key and revoked at once, without overlap.',
      ),
  }),
  [
    besideOverlap(
      'rotateEvery',
      '>',
      'rotateEvery must be longer than overlap (24h where it is not given); else both keys are always taken',
    ),
    besideOverlap(
      'maxOverlap',
      '>=',
      'maxOverlap must not be shorter than overlap (24h where it is not given)',
    ),
  ],
);

export const machineBindingSpec = withRules(
  z.strictObject({
    organizationRef,
    machineName: withRules(displayedName, [
      immutable('machineName', 'delete this MachineBinding and create one for the new name'),
    ]).describe('Name of the machine in the vault. Immutable.'),
    projects: mapList(
      z.strictObject({
        name: displayedName,
        secrets: setList(displayedName, 500)
          .optional()
          .describe('Secrets that the machine may read, one by one (H2). Default none.'),
      }),
      ['name'],
      100,
    ).describe('Projects that the machine is in.'),
    key: key.describe('The key of the machine, made in the cluster; its private half never leaves it.'),
    targets: mapList(target, ['secretName'], 100)
      .optional()
      .describe('Secrets of this namespace that hold values of the vault.'),
    suspend: z
      .boolean()
      .optional()
      .describe('True: machine, key and targets are left as they are, at the vault and in the cluster.'),
    deletionPolicy: z
      .enum(['Revoke', 'Orphan'])
      .optional()
      .describe('What happens to the machine when the binding is declared no longer. Default Revoke.'),
    reinstate: reinstate.optional(),
  }),
  [
    {
      cel: "!has(self.targets) || self.targets.all(t, t.secretName != self.key.secretName && t.secretName != self.key.secretName + '-next')",
      message:
        'a target must not be the key Secret, nor its staging Secret (key.secretName and -next); rename it',
      at: '.targets',
      holds: ({ key, targets }) =>
        targets?.every(
          ({ secretName }) => secretName !== key.secretName && secretName !== `${key.secretName}-next`,
        ) ?? true,
    },
    {
      cel: null,
      message: 'a target holds a secret that the machine may not read; list it in projects[].secrets too',
      at: '.targets',
      holds: ({ projects, targets }) => {
        const granted = new Set(
          projects.flatMap(({ name, secrets }) => (secrets ?? []).map((secret) => `${name}/${secret}`)),
        );
        return (
          targets?.every(({ data }) =>
            (data ?? []).every(({ project, secret }) => granted.has(`${project}/${secret}`)),
          ) ?? true
        );
      },
    },
  ],
);
