/** The statements that a vault server in this process sends to its database, whichever it is. */
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { StatementSync } from 'node:sqlite';
import pg from 'pg';

export interface Statements extends Disposable {
  /** Those since the last call, without what they are given. */
  taken(): string[];
}

type Method = (...given: unknown[]) => unknown;

export function watchStatements(): Statements {
  let statements: string[] = [];
  const undo: (() => void)[] = [];
  const watch = (of: object, name: string, textOf: (self: unknown, given: unknown[]) => unknown): void => {
    const methods = of as Record<string, Method>;
    const original = methods[name] as Method;
    methods[name] = function (this: unknown, ...given) {
      const text = textOf(this, given);
      if (typeof text === 'string') statements.push(text);
      return original.apply(this, given);
    };
    undo.push(() => {
      methods[name] = original;
    });
  };
  for (const name of ['all', 'run']) {
    watch(StatementSync.prototype, name, (self) => (self as StatementSync).sourceSQL);
  }
  watch(pg.Client.prototype, 'query', (_self, [text]) => text);
  return {
    taken: () => {
      const taken = statements;
      statements = [];
      return taken;
    },
    [Symbol.dispose]: () => {
      for (const one of undo) one();
    },
  };
}
