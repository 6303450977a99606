/** The vault server: one process, one port, the planes by path (design §7). */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { audienceOf } from '#protocol/audience.ts';
import type { Clock, VaultContext } from '../act/context.ts';
import { DEFAULT_OUTGOING, type OutgoingSettings } from '../act/outgoing-settings.ts';
import { makeMissingAuditKeys } from '../audit/signing-key.ts';
import { faultFields, type ServerLog } from '../common/server-log.ts';
import type { TierCatalog } from '../common/tiers.ts';
import type { RootKey } from '../crypto/root-key.ts';
import { SecretCipher } from '../crypto/secret-cipher.ts';
import { type Certificate, PresentedCertificate } from '../http/certificate.ts';
import { openListener, type Patience } from '../http/listener.ts';
import { DIRECT, type Network } from '../http/network.ts';
import { DEFAULT_RATES, type Rates } from '../http/rates.ts';
import { isNormalPath, refusePath } from '../http/request-path.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { answerMachine, isMachineTarget } from '../machine-api/machine-http.ts';
import { MachinePlane } from '../machine-api/machine-plane.ts';
import type { OutgoingObserver } from '../mail/observer.ts';
import { openStore } from '../store/store.ts';
import { startDispatcher } from './dispatcher.ts';
import { isAutomationRequest, managementApp } from './management.ts';
import { KEY_USE_INTERVAL } from './one-act.ts';
import { openApiDocument } from './openapi.ts';
import { peoplePlane } from './people-plane.ts';
import { startSweeping } from './sweep.ts';
import { makeContext } from './vault-context.ts';

export interface VaultServerOptions {
  /** Path of the SQLite file, made where there is none, or URL of a PostgreSQL database. */
  readonly database: string;
  /** Null: sealed (V5). */
  readonly rootKey: RootKey | null;
  /** Root keys that only open what was wrapped before; for the time of a rotation. */
  readonly previousRootKeys?: readonly RootKey[];
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Without it the listener is plain, for loopback. */
  readonly tls?: Certificate | undefined;
  /** Left out: the defaults. */
  readonly patience?: Patience | undefined;
  /** What stands between clients and the server; left out: nothing. */
  readonly network?: Network | undefined;
  /** True: signatures of automation may name the server's own loopback address; of `vault dev` alone. */
  readonly takesLoopback?: boolean;
  /** What may leave the server; left out: no mail, webhooks to public addresses. */
  readonly outgoing?: OutgoingSettings | undefined;
  /** The plans (P4); left out: the defaults. */
  readonly catalog?: TierCatalog | undefined;
  /** Left out: the defaults. */
  readonly rates?: Rates | undefined;
  readonly log: ServerLog;
  readonly clock?: Clock;
  readonly onRequest?: RequestObserver;
  readonly onOutgoing?: OutgoingObserver | undefined;
}

/** Called when a request was answered; for metrics. */
export type RequestObserver = (request: {
  readonly plane: 'machine' | 'management';
  readonly status: number;
  readonly seconds: number;
}) => void;

export interface VaultServer {
  readonly port: number;
  readonly context: VaultContext;
  /** New connections are shown this certificate, those that are open go on. Throws where it cannot be used. */
  presentCertificate(certificate: Certificate): void;
  /** Goes on with these root keys, without a request being lost; null: sealed. */
  holdRootKeys(rootKey: RootKey | null, previous: readonly RootKey[]): Promise<void>;
  /** Ends long polls, lets what is under way finish, writes what was kept in memory. */
  stop(): Promise<void>;
}

/** How long requests under way have at the end, in milliseconds. */
const STOP_GRACE = 5_000;

/** Opens the store and listens. Rejects where the port is taken or the database cannot be opened. */
export async function startVaultServer(options: VaultServerOptions): Promise<VaultServer> {
  const { log, clock = { now: () => Date.now() }, network = DIRECT, outgoing = DEFAULT_OUTGOING } = options;
  const { tls } = options;
  const presented = tls === undefined ? null : new PresentedCertificate(tls);
  const store = await openStore(options.database, clock.now());
  const stopping = new AbortController();
  const audiences = new Set(network.audiences);
  try {
    const context = makeContext({
      store,
      cipher: new SecretCipher(options.rootKey, options.previousRootKeys),
      clock,
      network: { ...network, audiences, ...(presented === null ? {} : { clientCa: () => presented.ca }) },
      outgoing,
      ...(options.catalog === undefined ? {} : { catalog: options.catalog }),
    });
    await makeMissingAuditKeys(context);
    const machines = new MachinePlane(context, options.rates?.machine);
    const listener = planes(context, machines, stopping.signal, options);
    const server = openListener(listener, options);
    await listening(server, options.port, options.host);
    const { port } = server.address() as AddressInfo;
    if (options.takesLoopback === true)
      audiences.add(audienceOf(`${tls === undefined ? 'http' : 'https'}://localhost:${port}`));
    const flushing = setInterval(() => {
      context.keyUses
        .flush()
        .catch((error: unknown) => log.error(faultFields(error), 'key use was not written'));
    }, KEY_USE_INTERVAL);
    flushing.unref();
    const stopSweeping = startSweeping(context, (error) => log.error(faultFields(error), 'a sweep failed'));
    const reportDispatch = (error: unknown): void =>
      log.error(faultFields(error), 'mails or webhooks could not be handed over');
    const stopDispatching = await startDispatcher(context, reportDispatch, observed(options));
    return {
      port,
      context,
      presentCertificate: (certificate) => {
        if (presented === null || !(server instanceof TlsServer)) throw new Error('the listener is plain');
        presented.replace(certificate);
        server.setSecureContext(certificate);
      },
      holdRootKeys: async (rootKey, previous) => {
        context.cipher.holdKeys(rootKey, previous);
        await makeMissingAuditKeys(context);
      },
      stop: async () => {
        clearInterval(flushing);
        stopping.abort();
        await closed(server);
        await stopDispatching();
        await stopSweeping();
        await context.keyUses.flush();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What is given up is in the log too: a mail of an account alone is in no owner's list. */
function observed({ log, onOutgoing }: VaultServerOptions): OutgoingObserver {
  return {
    attempt: (what, outcome) => {
      if (outcome === 'given-up') log.warn({ what }, 'given up');
      onOutgoing?.attempt(what, outcome);
    },
    waiting: (what, count) => onOutgoing?.waiting(what, count),
  };
}

function planes(
  context: VaultContext,
  machines: MachinePlane,
  stopping: AbortSignal,
  { log, onRequest, rates = DEFAULT_RATES, tls }: VaultServerOptions,
): RequestListener {
  const report = (error: unknown): void => log.error(faultFields(error), 'a request failed');
  const automationApp = managementApp({ context, stopping, rate: rates.automation, report });
  const peopleApp = peoplePlane(context, { rate: rates.people, report, log, stopping });
  let document: object | undefined;
  peopleApp.get('/api/v1/openapi.json', (c) => {
    document ??= openApiDocument([automationApp, peopleApp]);
    return c.json(document);
  });
  const automation = getRequestListener(automationApp.fetch, { overrideGlobalObjects: false });
  const people = getRequestListener(peopleApp.fetch, { overrideGlobalObjects: false });
  const headers = Object.entries(securityHeaders(tls !== undefined));

  return (incoming, outgoing) => {
    const started = performance.now();
    const requestId = newRequestId();
    outgoing.setHeader('x-request-id', requestId);
    for (const [name, value] of headers) outgoing.setHeader(name, value);
    const isMachine = isMachineTarget(incoming.url ?? '');
    outgoing.once('finish', () => {
      const seconds = (performance.now() - started) / 1000;
      onRequest?.({ plane: isMachine ? 'machine' : 'management', status: outgoing.statusCode, seconds });
    });
    const isNormal = isNormalPath(incoming.url ?? '');
    if (isMachine && isNormal) {
      void answerMachine(machines, context.network, incoming, outgoing).then((answer) => {
        if (answer === null) return;
        const { status, outcome, machineId } = answer;
        const fields = { requestId, plane: 'machine', status, outcome, machineId };
        if ('fault' in answer) log.error({ ...fields, ...faultFields(answer.fault) }, 'a request failed');
        else if (status === 200) log.debug(fields, 'answered');
        else log.info(fields, 'refused');
      });
      return;
    }
    outgoing.once('finish', () => {
      const { statusCode: status } = outgoing;
      const fields = {
        requestId,
        plane: isMachine ? 'machine' : 'management',
        method: incoming.method,
        path: pathOf(incoming),
        status,
      };
      if (incoming.method === 'GET' && status < 400) log.debug(fields, 'answered');
      else log.info(fields, status < 400 ? 'answered' : 'refused');
    });
    if (!isNormal) refusePath(outgoing, isMachine);
    else if (isAutomationRequest(incoming)) void automation(incoming, outgoing);
    else void people(incoming, outgoing);
  };
}

/** Without the query, which is the caller's own. */
function pathOf(incoming: IncomingMessage): string {
  return (incoming.url ?? '').split('?', 1)[0] ?? '';
}

const processPart = randomBytes(4).toString('hex');
let requests = 0;

/** Unique among the processes of a log; a counter, because random bytes cost as much as a header. */
function newRequestId(): string {
  requests += 1;
  return `${processPart}-${requests.toString(36)}`;
}

function listening(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, () => {
    server.off('error', reject);
    resolve();
  });
  return promise;
}

async function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  // Node looks for idle ones once: a connection whose answer ends later would be kept for the whole grace.
  const idling = setInterval(() => server.closeIdleConnections(), 50);
  const overdue = setTimeout(() => server.closeAllConnections(), STOP_GRACE);
  await promise;
  clearTimeout(overdue);
  clearInterval(idling);
}
