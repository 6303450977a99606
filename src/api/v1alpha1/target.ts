/** A target of a MachineBinding: a Secret of its namespace, and what of the vault it holds in which shape (design §8). */
import { z } from 'zod';
import { displayedName, localReference, secretObjectName } from './field-schemas.ts';
import { matching, withRules } from './rules.ts';

/**
 * As Kubernetes has them: a volume makes files of them, and keeps what begins with two dots to itself. Short, because the
 * API server's budget for a rule goes by its length.
 */
const DATA_KEY = /^\.?[-\w][-.\w]*$/;
const DATA_KEY_RULE =
  'may have letters, digits, dots, dashes and underscores; it is not . and does not begin with ..';
const LONGEST_KEY = 253;

/** Whether a volume and the API server take a text as a key of a Secret. */
export function isDataKey(key: string): boolean {
  return key.length <= LONGEST_KEY && DATA_KEY.test(key);
}

/** Types that a target may have; all others have a meaning to Kubernetes beyond the data in them. */
export const SECRET_TYPES = [
  'Opaque',
  'kubernetes.io/tls',
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/basic-auth',
  'kubernetes.io/ssh-auth',
] as const;

export type SecretType = (typeof SECRET_TYPES)[number];

const dataKey = z.string().min(1).max(LONGEST_KEY).regex(DATA_KEY, DATA_KEY_RULE);

const encoding = z
  .enum(['Text', 'Base64'])
  .optional()
  .describe(
    'How the value stands in the vault: Text, or Base64, whose bytes the Secret holds. Default Text.',
  );

const templateOnly = z
  .boolean()
  .optional()
  .describe('True: for templates alone; the Secret does not hold it. Default false.');

const item = withRules(
  z.strictObject({
    key: dataKey.optional().describe('Key in the Secret. Default: the name of the secret.'),
    project: displayedName,
    secret: displayedName,
    field: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('Field of the value, which is a JSON object; dots lead inwards. Default: the whole value.'),
    encoding,
    templateOnly,
  }),
  [
    {
      cel: `has(self.key) || self.secret.matches(r'${DATA_KEY.source}')`,
      message: "the secret's name is no valid key of a Kubernetes Secret; give key",
      holds: ({ key, secret }) => key !== undefined || DATA_KEY.test(secret),
    },
  ],
);

const keyOf = ({ key, secret }: z.infer<typeof item>): string => key ?? secret;

const affix = matching(/^[-._a-zA-Z0-9]*$/, 'may have letters, digits, dots, dashes and underscores', {
  max: 128,
});

const many = z.strictObject({
  project: displayedName,
  names: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe(
      'Names of secrets, where * stands for any text and ? for one character, among those that the machine may read. Default *.',
    ),
  fields: z
    .boolean()
    .optional()
    .describe('True: each field of the values, which are JSON objects, has a key. Default false.'),
  removePrefix: affix.optional().describe('Taken off the front of names that begin with it.'),
  keys: z
    .enum(['AsNamed', 'Environment'])
    .optional()
    .describe(
      'AsNamed: keys are the names. Environment: in capitals, and _ in place of what no variable has. Default AsNamed.',
    ),
  prefix: affix.optional().describe('Put before each key.'),
  encoding,
  templateOnly,
});

/** Characters of a template's text. */
export const LONGEST_TEMPLATE = 65_536;

const template = withRules(
  z.strictObject({
    key: dataKey.describe('Key in the Secret.'),
    text: z.string().min(1).max(LONGEST_TEMPLATE).optional().describe('The template, as it stands.'),
    configMapRef: localReference
      .extend({ key: dataKey })
      .optional()
      .describe('A key of a ConfigMap of this namespace that has the template.'),
  }),
  [
    {
      cel: 'has(self.text) != has(self.configMapRef)',
      message: 'takes exactly one of: text, or configMapRef',
      holds: ({ text, configMapRef }) => (text === undefined) !== (configMapRef === undefined),
    },
  ],
);

/** Labels, and annotations, that a target may declare. */
const MOST_METADATA = 32;

/** Which names may stand in it, what is configured decides too: `shaping/metadata.ts`. */
const metadata = (longest: number) =>
  withRules(z.record(z.string(), z.string().max(longest)), [
    {
      // By maxProperties.
      cel: null,
      message: `has more than ${MOST_METADATA} entries`,
      holds: (map) => Object.keys(map).length <= MOST_METADATA,
    },
  ]).meta({ maxProperties: MOST_METADATA });

export const target = withRules(
  z.strictObject({
    secretName: secretObjectName.describe('Secret of this namespace that is made and kept.'),
    data: z.array(item).max(300).optional().describe('Values, one by one.'),
    from: z.array(many).max(50).optional().describe('Values of a project, by the names of their secrets.'),
    clashes: z
      .enum(['Refuse', 'LastWins'])
      .optional()
      .describe(
        'Where two items of from give one key: Refuse, or the one that stands last wins. data wins over from, templates over both. Default Refuse.',
      ),
    templates: z
      .array(template)
      .max(50)
      .optional()
      .describe('Texts that are made of the values (Liquid): config files, connection strings.'),
    type: z.enum(SECRET_TYPES).optional().describe('Type of the Secret. Default Opaque.'),
    labels: metadata(63).optional().describe('Labels of the Secret.'),
    annotations: metadata(4096).optional().describe('Annotations of the Secret.'),
    creationPolicy: z
      .enum(['Create', 'Merge'])
      .optional()
      .describe(
        'Create: the Secret is ours. Merge: keys are added to one that is there and has the annotation seneschal.dev/merge with the name of this binding. Default Create.',
      ),
    deletionPolicy: z
      .enum(['Retain', 'Delete', 'KeepLast'])
      .optional()
      .describe(
        'KeepLast: what is deleted in the vault stays in the Secret, which goes with its target. Retain: it stays beyond that. Delete: it leaves the Secret. Default KeepLast.',
      ),
    immutable: z
      .boolean()
      .optional()
      .describe(
        'True: each content is an immutable Secret of its own, named after it; the newest three stay. Default false.',
      ),
  }),
  [
    {
      cel: '!has(self.data) || [self.data.map(d, has(d.key) ? d.key : d.secret)].all(keys, keys.all(k, keys.indexOf(k) == keys.lastIndexOf(k)))',
      message: 'two items of data have the same key; give one of them another key',
      at: '.data',
      holds: ({ data }) => data === undefined || new Set(data.map(keyOf)).size === data.length,
    },
    {
      cel: '!has(self.templates) || [self.templates.map(t, t.key)].all(keys, keys.all(k, keys.indexOf(k) == keys.lastIndexOf(k)))',
      message: 'two templates have the same key; give one of them another key',
      at: '.templates',
      holds: ({ templates }) =>
        templates === undefined || new Set(templates.map(({ key }) => key)).size === templates.length,
    },
    {
      cel: '(has(self.data) ? self.data.size() : 0) + (has(self.from) ? self.from.size() : 0) + (has(self.templates) ? self.templates.size() : 0) > 0',
      message: 'holds nothing; give data, from or templates',
      holds: ({ data = [], from = [], templates = [] }) => data.length + from.length + templates.length > 0,
    },
    {
      cel: "!has(self.creationPolicy) || self.creationPolicy != 'Merge' || !(has(self.type) || has(self.labels) || has(self.annotations) || has(self.immutable))",
      message:
        'merges into a Secret that is not ours, whose type, labels and annotations stay; take type, labels, annotations and immutable away',
      holds: ({ creationPolicy, type, labels, annotations, immutable }) =>
        creationPolicy !== 'Merge' ||
        [type, labels, annotations, immutable].every((field) => field === undefined),
    },
  ],
);
