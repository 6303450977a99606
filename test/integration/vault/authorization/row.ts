/**
 * One row of the table of V3: a route, who is let through by the rules of the design, and a request that is valid.
 * A row says nothing of how the server decides; what each actor is to be answered is derived by `oracle.ts`.
 */
import type { Answer } from './asking.ts';
import type { Ability, Cell } from './oracle.ts';
import type { World } from './world.ts';

/**
 * `cells`: who holds all of them, project cells in the project that the request is about, or with `inAnyProject`, as it
 * is about none, in whichever. `role`: the owner alone,
 * the owner and admins (O4), or the owner and whom the rails name approvers (rail 2). `member`: every active member. `account`: every session, bound to a vault or not.
 * `anybody`: no session is needed.
 */
export type People =
  | { readonly cells: readonly Cell[]; readonly inAnyProject?: true }
  | { readonly role: 'Owner' | 'Admin' | 'Approver' }
  | 'member'
  | 'account'
  | 'anybody';

export interface Asked {
  /** Below the server, percent-encoded; with the query. */
  readonly target: string;
  readonly body?: unknown;
}

export interface Row {
  /** As the OpenAPI document names it: `GET /api/v1/vaults/{vaultId}/members`. */
  readonly route: string;
  /** Where one route takes more than one kind of request: which this is. */
  readonly variant?: string;
  /** Left out: no person is let through by it, whoever they are. */
  readonly people?: People;
  /**
   * Left out: no automation identity is. `any`: each one is, whatever it was delegated (V4). `writing`: each one that
   * was delegated anything that changes something; the lease is for those who write, and so is all that goes under it
   * (rail 10).
   */
  readonly automation?: Ability | 'any' | 'writing';
  /** `signed`: a machine that is approved and enabled. `token`: whoever holds the token in the request. */
  readonly machine?: 'signed' | 'token';
  /** People are let through only within five minutes of proving who they are (O1, V4). */
  readonly proof?: true;
  /** A request that is valid for this actor; `project` is the one that project cells are judged in. */
  asks(world: World, project: string): Asked | Promise<Asked>;
  /** Code of the domain's refusal that one who is let through gets; left out, it is done (2xx). */
  readonly reaches?: string | ((actor: string) => string | undefined);
  /** Whether a 2xx says in its body that the automation identity may not (steps answer each for itself). */
  refusedWithin?(answer: Answer): boolean;
  /** What an answer shows only to who holds the cell in the project; asked of everybody who is let through. */
  readonly shows?: { readonly cell: Cell; visible(answer: Answer, project: string): boolean };
  /** The request uses up who asks (a session closed, a membership left): everybody who asks is made anew. */
  readonly usesUp?: true;
  /** Puts back what the request changed, so that the next one is valid again. */
  restore?(world: World): Promise<unknown>;
}
