/** Holds every exchange with a vault of this process against the document, from its first call on. */
import { HEADERS } from '#protocol/signing.ts';
import { checkedInDocument, Operations } from './document.ts';
import { type Exchange, onExchange } from './exchanges.ts';
import { Validators } from './validators.ts';

/** Routes that answer and are no operations: the document itself, and the page that mails lead to. */
const BESIDE = new Set(['/api/v1/openapi.json', '/join']);

/** What a plane refuses before it looks for a route: lengths, rates, who asks. */
const BEFORE_ROUTES = new Set([401, 403, 404, 411, 413, 429, 503]);

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
  if (found === null) {
    return BEFORE_ROUTES.has(status) ? [] : [`${method} answered ${status}: there is no such operation`];
  }
  // Signed requests are looked up among the routes of automation alone.
  const isSigned = headers[HEADERS.automation] !== undefined;
  const takesSigned = (found.operation.security ?? []).some((one) => 'automation' in one);
  if (status === 404 && isSigned && !takesSigned) return [];
  const body = method === 'HEAD' ? null : answered;
  return [
    ...(status < 300 ? validators.faultsOfRequest(found, { target, headers, body: sent }) : []),
    ...validators.faultsOfAnswer(found, { status, contentType, body }),
  ].map((fault) => `${found.name} answered ${status}: ${fault}`);
}

function newJudge(): NonNullable<typeof judged> {
  const document = checkedInDocument();
  return { operations: new Operations(document), validators: new Validators(document) };
}
