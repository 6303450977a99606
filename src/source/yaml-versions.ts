import { isScalar, type Scalar } from 'yaml';

/**
 * What YAML 1.1, which kubectl and the API server read, makes of a plain scalar that YAML 1.2 reads
 * differently; `undefined` where both agree.
 */
export function readDifferently(node: unknown): string | undefined {
  if (!isScalar(node) || (node as Scalar).type !== 'PLAIN') return undefined;
  const text = (node as Scalar).source ?? '';
  if (/^(?:y|yes|on)$/i.test(text)) return 'true';
  if (/^(?:n|no|off)$/i.test(text)) return 'false';
  if (/^[-+]?0[0-7_]+$/.test(text)) return `the octal number ${Number.parseInt(text.replaceAll('_', ''), 8)}`;
  if (/^[-+]?[0-9][0-9_]*_[0-9_]*$/.test(text)) return `the number ${text.replaceAll('_', '')}`;
  if (/^[-+]?0b[01_]+$/.test(text)) return 'a binary number';
  if (/^0o[0-7]+$/.test(text)) return 'a text';
  return undefined;
}
