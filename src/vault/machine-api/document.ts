/**
 * The machine plane in the OpenAPI document. Keys of answers are exact, so those are closed; what a request has beside
 * is not looked at.
 */
import { OpenAPIHono, z } from '@hono/zod-openapi';
import { BOOTSTRAP_FORMS } from './bootstrap-forms.ts';

const text = z.string();
const nullable = text.nullable();
const given = z.string().min(1);
const projectId = z.object({ projectId: given });
const listed = z.strictObject({
  secrets: z.array(z.strictObject({ id: text, name: text, fieldNames: nullable, projectId: nullable })),
});
const placed = { projectId: text, projectName: text, applicationId: text, applicationName: text };

interface DocumentedCall {
  /** Not signed: the token in the body proves who asks. */
  readonly isOpen?: boolean;
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly bodyRequired?: boolean;
  /** Null: a text that is run, as is that of its refusal. */
  readonly answer: z.ZodType | null;
  readonly contentType?: string;
  /** Statuses beside those that every call may refuse by (refusal.ts). */
  readonly refuses?: readonly (404 | 409)[];
}

/** What every call may refuse by, and what a call may beside. */
const MEANING = {
  400: 'The request is not what the call takes: its body, its host, or a query string.',
  401: 'The signature, the machine or the token does not hold.',
  403: 'It does not allow it: the allowlist, the guardrails, the grants, a policy, or the token.',
  404: 'There is no such secret, project or application.',
  409: 'The vault has such a machine or key, or no room for another.',
  413: 'The body is too large.',
  429: 'There are too many requests; Retry-After says when the next may come, where it is known.',
  503: 'The vault is sealed, or cannot answer now.',
} as const;
const EVERY = [400, 401, 403, 413, 429, 503] as const;

function refusalsOf({ refuses: more = [], answer, contentType }: DocumentedCall): Record<string, object> {
  const plain = json(z.strictObject({ error: text }));
  // A path or a request that no plane reads is refused as JSON whatever was asked for.
  const content = answer === null ? { ...run(contentType), ...plain } : plain;
  return Object.fromEntries(
    [...EVERY, ...more].map((status) => [status, { description: MEANING[status], content }]),
  );
}

const CALLS: Readonly<Record<string, DocumentedCall>> = {
  'get /v1/secret/{id}': {
    refuses: [404],
    summary: 'One value; of a structured secret the text of a JSON object with string members',
    answer: z.strictObject({ value: text }),
  },
  'get /v1/secrets': { summary: 'The secrets that the machine was granted', answer: listed },
  'post /v1/secrets/list': {
    refuses: [404],
    summary: 'The same, of one project',
    body: projectId,
    bodyRequired: true,
    answer: listed,
  },
  'post /v1/secrets/export': {
    refuses: [404],
    summary: 'All values that the machine was granted, or those of one project',
    body: z.object({ projectId: given.nullish(), applicationId: given.nullish() }),
    answer: z.strictObject({
      secrets: z.array(z.strictObject({ id: text, name: text, value: text, fieldNames: nullable })),
    }),
  },
  'post /v1/secrets/poll': {
    summary:
      'What changed since it was read last; sixty-four replicas, each of them every ten seconds, at most',
    body: z.object({ watch: z.array(text) }),
    bodyRequired: true,
    answer: z.strictObject({
      changes: z.record(text, z.strictObject({ status: z.enum(['changed', 'deleted', 'access_denied']) })),
    }),
  },
  'get /v1/cli/projects': {
    summary: 'The projects that the machine is in',
    answer: z.strictObject({ projects: z.array(z.strictObject(placed)) }),
  },
  'get /v1/cli/secrets': {
    summary: 'The secrets that the machine was granted, with their projects',
    answer: z.strictObject({
      secrets: z.array(
        z.strictObject({
          id: text,
          name: text,
          fieldNames: nullable,
          ...placed,
          type: z.enum(['secret', 'structured']),
        }),
      ),
    }),
  },
  'post /v1/verify-access': {
    summary: 'Whether the machine is in a project',
    body: projectId,
    bodyRequired: true,
    answer: z.strictObject({ valid: z.boolean(), projectName: nullable, error: nullable }),
  },
  'get /v1/bootstrap/{token}': {
    summary: 'A POSIX shell script that makes the identity of a standard machine with openssl and curl',
    isOpen: true,
    answer: null,
    contentType: BOOTSTRAP_FORMS[''].contentType,
  },
  'get /v1/bootstrap/{token}/ps': {
    summary: 'The same for PowerShell',
    isOpen: true,
    answer: null,
    contentType: BOOTSTRAP_FORMS['/ps'].contentType,
  },
  'get /v1/bootstrap/{token}/k8s': {
    summary:
      'The same for kubectl: a manifest whose init container registers the machine; the pod makes its key',
    isOpen: true,
    answer: null,
    contentType: BOOTSTRAP_FORMS['/k8s'].contentType,
  },
  'post /v1/bootstrap/register': {
    refuses: [409],
    summary: 'What that script calls: registers the machine, which waits for approval, and uses the token',
    isOpen: true,
    body: z.object({ token: text, publicKey: text, hostname: text }),
    bodyRequired: true,
    answer: z.strictObject({ machineId: text, machineName: text }),
  },
  'post /v1/{vaultId}/enroll/register': {
    refuses: [409],
    summary: 'A machine enrols itself by a token; it is approved at once and ends when the token says',
    isOpen: true,
    body: z.object({ token: text, publicKey: text, hostname: text, name: text.nullish() }),
    bodyRequired: true,
    answer: z.strictObject({
      machineId: text,
      machineName: text,
      vaultId: text,
      expiresAt: z.int().describe('Milliseconds since the epoch.'),
      apiUrl: text,
    }),
  },
};

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });

function run(contentType = 'text/plain'): Record<string, { schema: z.ZodType }> {
  return { [contentType]: { schema: text } };
}

/** Holds the paths of the machine plane for the document; it answers nothing itself. */
export function machineDocument(): OpenAPIHono {
  const holder = new OpenAPIHono();
  for (const [call, documented] of Object.entries(CALLS)) {
    const { summary, isOpen = false, body, bodyRequired = false, answer, contentType } = documented;
    const [method, path] = call.split(' ') as ['get' | 'post', string];
    holder.openAPIRegistry.registerPath({
      method,
      path,
      summary,
      tags: ['machine'],
      security: isOpen ? [] : [{ machine: [] }],
      'x-requires': [{ by: isOpen ? 'token' : 'machine' }],
      request: {
        ...(body === undefined ? {} : { body: { required: bodyRequired, content: json(body) } }),
        ...parametersOf(path),
      },
      responses: {
        200: { description: 'Answered', content: answer === null ? run(contentType) : json(answer) },
        ...refusalsOf(documented),
      },
    });
  }
  holder.openAPIRegistry.registerComponent('securitySchemes', 'machine', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Signature',
    description:
      'Ed25519 over METHOD:path:timestamp:nonce:bodyHash, with X-Machine-Id, X-Timestamp and X-Nonce.',
  });
  return holder;
}

function parametersOf(path: string): { params?: z.ZodObject } {
  const name = /\{(\w+)\}/.exec(path)?.[1];
  return name === undefined ? {} : { params: z.object({ [name]: text }) };
}
