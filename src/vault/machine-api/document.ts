/** The machine plane in the OpenAPI document; keys are exact, so every object is closed. */
import { OpenAPIHono, z } from '@hono/zod-openapi';

const text = z.string();
const nullable = text.nullable();
const projectId = z.strictObject({ projectId: text });
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
  /** Null: the text of a shell script. */
  readonly answer: z.ZodType | null;
}

const CALLS: Readonly<Record<string, DocumentedCall>> = {
  'get /v1/secret/{id}': {
    summary: 'One value; of a structured secret the text of a JSON object with string members',
    answer: z.strictObject({ value: text }),
  },
  'get /v1/secrets': { summary: 'The secrets that the machine was granted', answer: listed },
  'post /v1/secrets/list': {
    summary: 'The same, of one project',
    body: projectId,
    bodyRequired: true,
    answer: listed,
  },
  'post /v1/secrets/export': {
    summary: 'All values that the machine was granted, or those of one project',
    body: z.union([projectId, z.strictObject({ applicationId: text })]),
    answer: z.strictObject({
      secrets: z.array(z.strictObject({ id: text, name: text, value: text, fieldNames: nullable })),
    }),
  },
  'post /v1/secrets/poll': {
    summary: 'What changed since it was read last; every ten seconds at most',
    body: z.strictObject({ watch: z.array(text) }),
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
  },
  'post /v1/bootstrap/register': {
    summary: 'What that script calls: registers the machine, which waits for approval, and uses the token',
    isOpen: true,
    body: z.strictObject({ token: text, publicKey: text, hostname: text }),
    bodyRequired: true,
    answer: z.strictObject({ machineId: text, machineName: text }),
  },
  'post /v1/{vaultId}/enroll/register': {
    summary: 'A machine enrols itself by a token; it is approved at once and ends when the token says',
    isOpen: true,
    body: z.strictObject({ token: text, publicKey: text, hostname: text, name: text.optional() }),
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

function contentOf(answer: z.ZodType | null): Record<string, { schema: z.ZodType }> {
  return answer === null ? { 'text/x-shellscript': { schema: text } } : json(answer);
}

/** Holds the paths of the machine plane for the document; it answers nothing itself. */
export function machineDocument(): OpenAPIHono {
  const holder = new OpenAPIHono();
  for (const [call, documented] of Object.entries(CALLS)) {
    const { summary, isOpen = false, body, bodyRequired = false, answer } = documented;
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
        200: { description: 'Answered', content: contentOf(answer) },
        default: { description: 'Refused', content: json(z.strictObject({ error: text })) },
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
