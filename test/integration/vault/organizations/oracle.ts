/** What the rules of the design say a vault is after an act of somebody; knows nothing of how the server decides. */

export const PEOPLE = ['alice', 'bob', 'carol', 'dora'].map((name) => `${name}@acme.example`);
export const FIRST_OWNER = 'first@acme.example';
/** Seats of the plan, the owner's included (I5). */
export const SEATS = 4;

export const ACTS = [
  'convert',
  'invite',
  'accept',
  'make code',
  'prove',
  'confirm',
  'suspend',
  'unsuspend',
  'remove',
  'leave',
  'offer',
  'take ownership',
  'rotate',
  'accept again',
  'ask for confirmation',
  'ask for none',
  'lapse',
  'set plan',
  'delete',
] as const;
export type ActName = (typeof ACTS)[number];

interface ModelMember {
  role: 'Owner' | 'Admin' | 'Member';
  standing: 'Invited' | 'Active' | 'Suspended';
  awaits: 'Reacceptance' | 'Confirmation' | null;
  code: 'made' | 'proven' | null;
}

export class Oracle {
  kind: 'Personal' | 'Organization' = 'Personal';
  lapsed = false;
  confirmation = false;
  deleted = false;
  readonly members = new Map<string, ModelMember>([
    [FIRST_OWNER, { role: 'Owner', standing: 'Active', awaits: null, code: null }],
  ]);
  #offeredTo: string | null = null;

  get owner(): string {
    const [email = ''] = [...this.members].find(([, { role }]) => role === 'Owner') ?? [];
    return email;
  }

  /** Whether the person may read the vault now. */
  hasAccess(email: string): boolean {
    const member = this.members.get(email);
    return !this.deleted && member?.standing === 'Active' && member.awaits === null;
  }

  /** Does the act, about the person; false where it is refused, and nothing changes. */
  does(act: ActName, email: string): boolean {
    if (this.deleted) return false;
    const member = this.members.get(email);
    const writable = this.kind === 'Organization' && !this.lapsed;
    switch (act) {
      case 'convert':
        if (this.kind !== 'Personal' || this.lapsed) return false;
        this.kind = 'Organization';
        return true;
      case 'lapse':
      case 'set plan':
        this.lapsed = act === 'lapse';
        return true;
      case 'delete':
        this.deleted = true;
        return true;
      case 'invite':
        if (!writable || member !== undefined || this.members.size >= SEATS) return false;
        this.members.set(email, { role: 'Member', standing: 'Invited', awaits: null, code: null });
        return true;
      case 'ask for confirmation':
      case 'ask for none':
        if (!writable || this.confirmation === (act === 'ask for confirmation')) return false;
        this.confirmation = !this.confirmation;
        return true;
      case 'rotate':
        if (this.kind !== 'Organization') return false;
        for (const one of this.members.values()) this.#out(one);
        return true;
      default:
        return member !== undefined && this.#about(act, email, member, writable);
    }
  }

  #about(act: ActName, email: string, member: ModelMember, writable: boolean): boolean {
    const isOwner = member.role === 'Owner';
    switch (act) {
      case 'accept':
        if (member.standing !== 'Invited' || this.lapsed) return false;
        member.standing = 'Active';
        if (this.confirmation) member.awaits = 'Confirmation';
        else member.code = null;
        return true;
      case 'make code': {
        const joins = member.standing === 'Invited' && this.confirmation;
        if (!writable || !(joins || member.awaits === 'Confirmation')) return false;
        member.code = 'made';
        return true;
      }
      case 'prove':
        if (member.awaits !== 'Confirmation' || member.code === null) return false;
        member.code = 'proven';
        return true;
      case 'confirm':
        if (!writable || member.awaits !== 'Confirmation' || member.code !== 'proven') return false;
        Object.assign(member, { awaits: null, code: null });
        return true;
      case 'suspend':
        if (isOwner || member.standing !== 'Active') return false;
        member.standing = 'Suspended';
        return true;
      case 'unsuspend':
        if (!writable || member.standing !== 'Suspended') return false;
        member.standing = 'Active';
        if (member.awaits === null && this.confirmation) member.awaits = 'Confirmation';
        return true;
      case 'remove':
        return !isOwner && this.#gone(email);
      case 'leave':
        return !isOwner && this.hasAccess(email) && this.#gone(email);
      case 'offer':
        if (!writable || isOwner || !this.hasAccess(email)) return false;
        this.#offeredTo = email;
        return true;
      case 'take ownership': {
        if (!writable || this.#offeredTo !== email || !this.hasAccess(email)) return false;
        const former = this.members.get(this.owner);
        if (former !== undefined) former.role = 'Admin';
        member.role = 'Owner';
        this.#offeredTo = null;
        return true;
      }
      case 'accept again':
        if (member.awaits !== 'Reacceptance') return false;
        member.awaits = null;
        return true;
      default:
        return false;
    }
  }

  #out(member: ModelMember): void {
    if (member.role === 'Owner' || member.standing === 'Invited') return;
    const waits = this.confirmation || member.awaits === 'Confirmation';
    Object.assign(member, { awaits: waits ? 'Confirmation' : 'Reacceptance', code: null });
  }

  #gone(email: string): true {
    if (this.#offeredTo === email) this.#offeredTo = null;
    this.members.delete(email);
    return true;
  }
}
