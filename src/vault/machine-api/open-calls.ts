/** The calls that no machine signs, because the machine is made by them: a token proves who asks. */
import type { VaultContext } from '../act/context.ts';
import type { MachineAnswer } from './answer.ts';
import { Bootstrap } from './bootstrap.ts';
import { BOOTSTRAP_FORMS, type BootstrapForm } from './bootstrap-forms.ts';
import { Enrollment } from './enrollment.ts';
import { MachineRefusal } from './refusal.ts';
import type { MachineRequest } from './request.ts';

const ENROLLMENT = /^\/v1\/(vault_[A-Za-z0-9]{16})\/enroll\/register$/;
const SCRIPT = /^\/v1\/bootstrap\/([^/?]{1,512})(\/ps|\/k8s)?$/;

export class OpenCalls {
  readonly #enrollment: Enrollment;
  readonly #bootstrap: Bootstrap;

  constructor(context: VaultContext) {
    this.#enrollment = new Enrollment(context);
    this.#bootstrap = new Bootstrap(context);
  }

  /** Null where the request is none of them. Throws MachineRefusal. */
  async answer(request: MachineRequest): Promise<MachineAnswer | null> {
    const { method, target } = request;
    const vaultId = ENROLLMENT.exec(target)?.[1];
    if (method === 'POST' && vaultId !== undefined) {
      return made(await this.#enrollment.register(vaultId, request), 'Enrolled');
    }
    if (method === 'POST' && target === '/v1/bootstrap/register') {
      return made(await this.#bootstrap.register(request), 'Registered');
    }
    const [, token, form] = SCRIPT.exec(target) ?? [];
    if (method !== 'GET' || token === undefined) return null;
    return this.#form(token, BOOTSTRAP_FORMS[(form ?? '') as keyof typeof BOOTSTRAP_FORMS], request);
  }

  /** Whoever asks runs the answer: a refusal is run as well, and must end with an error that says why. */
  async #form(token: string, form: BootstrapForm, request: MachineRequest): Promise<MachineAnswer> {
    const { contentType } = form;
    try {
      const body = form.text(await this.#bootstrap.facts(token, request));
      return { status: 200, body, contentType, machineId: null, outcome: 'Script' };
    } catch (error) {
      const refusal = error instanceof MachineRefusal ? error : new MachineRefusal('Unavailable');
      return {
        status: refusal.status,
        body: form.refusal(refusal.message),
        contentType,
        machineId: null,
        outcome: refusal.code,
        ...(refusal.retryAfter === null ? {} : { retryAfter: refusal.retryAfter }),
        ...(refusal === error ? {} : { fault: error }),
      };
    }
  }
}

function made(body: { readonly machineId: string }, outcome: string): MachineAnswer {
  return { status: 200, body: JSON.stringify(body), machineId: body.machineId, outcome };
}
