/** The texts that the sources can print, as their literals have them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

const ROOT = join(import.meta.dirname, '../../../..');

export interface PrintedText {
  readonly file: string;
  /** What is filled in stands as `{name}`: the name of the variable, field or function, or `{}`. */
  readonly text: string;
}

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Every literal of `src` with the name of the program in it, those that are joined by `+` as one. */
export function printedTexts(): PrintedText[] {
  return globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    if (!source.includes('seneschal ')) return [];
    const found: string[] = [];
    collect(parseSync(source, { syntax: 'typescript' }) as unknown as Node, found);
    return found.filter((text) => text.includes('seneschal ')).map((text) => ({ file, text }));
  });
}

function collect(node: unknown, found: string[]): void {
  if (Array.isArray(node)) for (const one of node) collect(one, found);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  const text = textOf(node as Node);
  if (text !== null) found.push(text);
  // What stands within a text is one too: `${why}` may be a choice between two of them.
  if ((node as Node).type === 'TemplateLiteral') collect((node as Node).expressions, found);
  else if (text === null) for (const child of Object.values(node)) collect(child, found);
}

/** Null: it is no text. */
function textOf(node: Node): string | null {
  if (node.type === 'StringLiteral') return node.value as string;
  if (node.type === 'TemplateLiteral') {
    const quasis = node.quasis as readonly { readonly cooked: string }[];
    const names = (node.expressions as readonly Node[]).map(nameOf);
    return quasis
      .map(({ cooked }, at) => cooked + (names[at] === undefined ? '' : `{${names[at]}}`))
      .join('');
  }
  if (node.type !== 'BinaryExpression' || node.operator !== '+') return null;
  const [left, right] = [textOf(node.left as Node), textOf(node.right as Node)];
  return left === null && right === null ? null : `${left ?? '{}'}${right ?? '{}'}`;
}

function nameOf(node: Node): string {
  if (node.type === 'Identifier') return node.value as string;
  if (node.type === 'MemberExpression') return nameOf(node.property as Node);
  if (node.type === 'CallExpression') {
    const [first] = node.arguments as readonly { readonly expression: Node }[];
    return first === undefined ? '' : nameOf(first.expression);
  }
  return '';
}
