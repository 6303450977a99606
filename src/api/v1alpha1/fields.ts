/** Field schemas that several kinds share. Everything is bounded: CEL and etcd pay for what is not. */
import { z } from 'zod';

/** An object of the same namespace. */
export const localReference = z.strictObject({ name: z.string().min(1).max(253) });

export const email = z
  .string()
  .min(3)
  .max(254)
  .regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address');

/** Names of projects, templates, secrets and machines as the vault shows them. */
export const displayedName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\s/](?:[^/\r\n\t]*[^\s/])?$/, 'must not have slashes, or white space at its ends');

export const secretObjectName = z
  .string()
  .min(1)
  .max(240)
  .regex(/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/, 'must be the name of a Kubernetes Secret');

/** `all: true` or a list of project names, never both. */
export const projectScope = z.strictObject({
  all: z.boolean().optional(),
  projects: z.array(displayedName).max(1000).optional(),
});

export const access = z.enum(['Read', 'Write']);

/** Rail 7: id of the audit entry that the author answers. */
export const reinstate = z
  .string()
  .max(64)
  .regex(/^aud_[A-Za-z0-9]+$/, 'must be the id of an audit entry, aud_...');

export const condition = z.strictObject({
  type: z.string().max(64),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().max(128),
  message: z.string().max(4096),
  lastTransitionTime: z.string(),
  observedGeneration: z.int().optional(),
});
