import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy before an API server, which breaks connections as networks do. TLS passes through it. */
export interface FaultyProxy {
  readonly port: number;
  /** Connections that are open. */
  readonly open: number;
  /** Connections made since the start. */
  readonly accepted: number;
  /** Resets all open connections (RST, not FIN), in the middle of whatever they carry. */
  reset(): void;
  /** From now on nothing passes in either direction; connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Refuses (resets) new connections until called with false. */
  refuse(refuse: boolean): void;
  close(): Promise<void>;
}

export async function faultyProxy(target: { host: string; port: number }): Promise<FaultyProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let frozen = false;
  let refusing = false;
  let accepted = 0;
  const server: Server = createServer((inner) => {
    accepted += 1;
    if (refusing) {
      inner.resetAndDestroy();
      return;
    }
    const outer = connect(target.port, target.host);
    const pair: [Socket, Socket] = [inner, outer];
    pairs.add(pair);
    for (const [from, to] of [pair, [outer, inner]] as const) {
      from.on('data', (chunk) => {
        if (!frozen) to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reset = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    reset,
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
    },
    refuse(refuse) {
      refusing = refuse;
    },
    async close() {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
