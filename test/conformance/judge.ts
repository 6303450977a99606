/** Holds every exchange with a vault of this process against the document, from its first call on. */
import { checkedInDocument, Operations } from './document.ts';
import { type Exchange, onExchange } from './exchanges.ts';
import { Validators } from './validators.ts';

/** Routes that answer and are no operations: the document itself, and the page that mails lead to. */
const BESIDE = new Set(['/api/v1/openapi.json', '/join']);

/** What is refused before a route is looked for: lengths, rates, who asks, and the headers of writes (V1). */
const BEFORE_ROUTES = new Set([400, 401, 403, 411, 412, 413, 429, 503]);

const faults: string[] = [];
let judged: { readonly operations: Operations; readonly validators: Validators } | null = null;
let isWatching = false;

/** Once a process, which has many files of tests. */
export function watchVaults(): void {
  if (isWatching) return;
  isWatching = true;
  onExchange((exchange) => faults.push(...wrongWith(exchange)));
}

/** What was found since this was asked last. */
export function takeFaults(): readonly string[] {
  return [...new Set(faults.splice(0))];
}

function wrongWith({ method, target, headers, sent, status, contentType, answered }: Exchange): string[] {
  if (BESIDE.has(target.split('?', 1)[0] ?? '')) return [];
  judged ??= newJudge();
  const { operations, validators } = judged;
  const found = operations.find(method, target);
  if (status === 404 && isNoRoute(answered)) return [];
  if (found === null) {
    return BEFORE_ROUTES.has(status) ? [] : [`${method} answered ${status}: there is no such operation`];
  }
  const body = method === 'HEAD' ? null : answered;
  return [
    ...(status < 300 ? validators.faultsOfRequest(found, { target, headers, body: sent }) : []),
    ...validators.faultsOfAnswer(found, { status, contentType, body }),
  ].map((fault) => `${found.name} answered ${status}: ${fault}`);
}

/** As either plane says it: signed requests are looked for among those of their plane, to the letter of the target. */
function isNoRoute(answered: string): boolean {
  return answered === '' || answered.includes('"code":"RouteNotFound"') || answered === NO_CALL;
}

const NO_CALL = JSON.stringify({ error: 'no such call' });

function newJudge(): NonNullable<typeof judged> {
  const document = checkedInDocument();
  return { operations: new Operations(document), validators: new Validators(document) };
}
