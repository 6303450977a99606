/**
 * Machines in a process of their own, which read one after the other and again, as pods do that know nothing of a move.
 * Lines of JSON: a `Start` comes first, then `Routes` whenever names lead elsewhere; out go `Said`. It ends with its input.
 */
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { SECRETS } from '#kube/kube.ts';
import { clientFor } from '#test/control-plane/access.ts';
import { type Carrier, MachineClient } from '#test/fakes/machine-client.ts';

/** Host names to the port that answers for them. */
export type Routes = Readonly<Record<string, number>>;

/** Files that were read once, or the Secret that is mounted, read anew each time. */
export type Identity = { readonly files: Readonly<Record<string, string>> } | { readonly secret: string };

export interface Start {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** The certificate of whoever answers. */
  readonly ca: string;
  readonly machines: readonly Identity[];
  readonly routes: Routes;
}

/** A read that was answered with one value, or was not; or that the routes are gone by from now on. */
export type Said = { readonly host: string } | { readonly failed: string } | { readonly routed: true };

const lines = createInterface({ input: process.stdin });
const input = lines[Symbol.asyncIterator]();
const first = await input.next();
const { kubeconfig, namespace, ca, machines, routes } = JSON.parse(first.value ?? '') as Start;

let isOver = false;
let led = routes;
/** Gone by between two reads: then none is under way at where the names led before. */
const others: Routes[] = [];
const listening = listen();

const kube = await clientFor(kubeconfig);
const agent = new Agent({ keepAlive: true, ca });
while (!isOver) {
  for (const machine of machines) {
    const next = others.shift();
    if (next !== undefined) {
      led = next;
      say({ routed: true });
    }
    if (!isOver) await read(machine);
  }
}
await listening;
agent.destroy();
await kube.close();

async function listen(): Promise<void> {
  for (;;) {
    const { value, done } = await input.next();
    if (done === true) break;
    others.push(JSON.parse(value) as Routes);
  }
  isOver = true;
}

async function read(machine: Identity): Promise<void> {
  try {
    const files = 'files' in machine ? machine.files : await mounted(machine.secret);
    const { hostname: host } = new URL(files['api-url'] ?? '');
    const values = await MachineClient.fromFiles(files, carry).exported();
    say(values.length === 1 ? { host } : { failed: `${values.length} values of ${host}` });
  } catch (error) {
    say({ failed: (error as Error).message });
  }
}

async function mounted(name: string): Promise<Record<string, string>> {
  const { data = {} } = await kube.get(SECRETS, { namespace, name });
  return Object.fromEntries(
    Object.entries(data).map(([file, text]) => [file, Buffer.from(text, 'base64').toString('utf8')]),
  );
}

/** HTTPS by names that lead nowhere, the certificate verified against them. */
function carry(...[url, { method, headers, body }]: Parameters<Carrier>): ReturnType<Carrier> {
  const { hostname, pathname } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Carrier>>>();
  const sent = { ...headers, host: hostname };
  const options = { host: 'localhost', port: led[hostname], servername: hostname, agent };
  request({ ...options, path: pathname, method, headers: sent }, (answer) => {
    const { statusCode = 0 } = answer;
    json(answer).then((said) => {
      resolve({ status: statusCode, headers: new Headers(), json: async () => said });
    }, reject);
  })
    .on('error', reject)
    .end(body);
  return promise;
}

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
