import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OrganizationState } from '#model/organization.ts';
import { resource } from '#test/builders/resources.ts';
import type { TestVault } from '#test/builders/vault.ts';
import { examine } from '#vault/upkeep/verification.ts';
import { newAccount, owner, type Person, signIn } from '../vault/world/people.ts';
import { World } from './world.ts';

const PEOPLE = ['dave', 'erin', 'frank'].map((name) => `${name}@acme.example`);
const PROJECTS = ['payments', 'web'];
const CELLS: Readonly<Record<string, string[]>> = { Machines: ['View', 'Manage'], Alerts: ['View'] };
const MACHINES = ['builder', 'reader'];

/** What Git declares at one time and at another: what people cut is asked for by both, in other words. */
const declared = (later: boolean) => [
  ...PROJECTS.map((name) =>
    resource('Project', name, {
      description: later ? 'later' : '',
      secrets: [
        { name: 'key', generator: { length: 8 } },
        { name: 'other', generator: { length: 8 } },
      ],
    }),
  ),
  resource('PermissionTemplate', 'ops', {
    name: 'ops',
    description: later ? 'later' : '',
    capabilities: CELLS,
    projectScope: { all: true },
  }),
  ...PEOPLE.map((email) =>
    resource('Member', email.split('@', 1)[0] ?? '', {
      email,
      templateRef: { name: 'ops' },
      grants: PROJECTS.map((project) => ({ project, access: later ? 'Write' : 'Read' })),
    }),
  ),
  ...MACHINES.map((name) =>
    resource('MachineBinding', name, {
      machineName: name,
      key: { secretName: name },
      projects: PROJECTS.map((project) => ({ name: project, secrets: later ? ['key', 'other'] : ['key'] })),
    }),
  ),
];

/** Something that a person cut: whether a state has it again. */
type Cut = (state: OrganizationState) => boolean;
interface Done {
  /** The audit entry that the act must have left, as `action key`. */
  readonly entry: string;
}

/** What one person does after the other, and what stands cut by it. */
class Hands {
  readonly cuts = new Map<string, Cut>();
  readonly entries: string[] = [];
  readonly #at: (path: string) => string;
  readonly #boss: Person;
  readonly #members: ReadonlyMap<string, Person>;

  constructor(vaultId: string, boss: Person, members: ReadonlyMap<string, Person>) {
    this.#at = (path) => `/vaults/${vaultId}${path}`;
    this.#boss = boss;
    this.#members = members;
  }

  suspend(email: string): Promise<void> {
    return this.#do(this.#boss, 'POST', `/members/${email}/suspend`, `member.suspended ${email}`, () =>
      this.cuts.set(`suspended ${email}`, memberIs(email, 'Active')),
    );
  }
  unsuspend(email: string): Promise<void> {
    return this.#do(this.#boss, 'POST', `/members/${email}/unsuspend`, `member.unsuspended ${email}`, () =>
      this.cuts.delete(`suspended ${email}`),
    );
  }
  remove(email: string): Promise<void> {
    return this.#do(this.#boss, 'DELETE', `/members/${email}`, `member.removed ${email}`, () =>
      this.#gone(email),
    );
  }
  leave(email: string): Promise<void> {
    const person = this.#members.get(email) as Person;
    return this.#do(person, 'POST', '/leave', `member.left ${email}`, () => this.#gone(email));
  }
  /** Given back by a person; the answer is the same for who is there already, so only the audit log tells. */
  async invite(email: string, invites: (email: string) => Promise<number>): Promise<void> {
    const before = await invites(email);
    const { status } = await this.#boss.ask('POST', this.#at('/invites'), { emails: [email] });
    if (status >= 300) return;
    if ((await invites(email)) === before) {
      this.entries.push(`invite.repeated ${email}`);
      return;
    }
    this.entries.push(`member.invited ${email}`);
    for (const act of ['gone', 'suspended']) this.cuts.delete(`${act} ${email}`);
  }
  removeGrant(email: string, project: string): Promise<void> {
    const path = `/members/${email}/grants/${project}`;
    return this.#do(this.#boss, 'DELETE', path, `member.grant-removed ${email}`, () =>
      this.cuts.set(`grant ${email} ${project}`, ({ members }) =>
        members.some((one) => one.email === email && one.grants.some((grant) => grant.project === project)),
      ),
    );
  }
  removeCell(category: string, cell: string): Promise<void> {
    const path = `/templates/ops/cells/${encodeURIComponent(`${category}: ${cell}`)}`;
    return this.#do(this.#boss, 'DELETE', path, 'template.cell-removed ops', () =>
      this.cuts.set(`cell ${category} ${cell}`, ({ templates }) =>
        templates.some(({ name, capabilities }) => {
          const cells: Readonly<Record<string, readonly string[] | undefined>> = capabilities;
          return name === 'ops' && cells[category]?.includes(cell) === true;
        }),
      ),
    );
  }
  disable(name: string): Promise<void> {
    return this.#do(this.#boss, 'POST', `/machines/${name}/disable`, `machine.disabled ${name}`, () =>
      this.cuts.set(`disabled ${name}`, ({ machines }) =>
        machines.some((one) => one.name === name && one.enabled),
      ),
    );
  }
  enable(name: string): Promise<void> {
    return this.#do(this.#boss, 'POST', `/machines/${name}/enable`, `machine.enabled ${name}`, () =>
      this.cuts.delete(`disabled ${name}`),
    );
  }
  revoke(name: string): Promise<void> {
    return this.#do(this.#boss, 'DELETE', `/machines/${name}`, `machine.revoked ${name}`, () =>
      this.cuts.set(`revoked ${name}`, ({ machines }) => machines.some((one) => one.name === name)),
    );
  }
  /** Leaves the machine in the other projects alone, with their keys alone. */
  async detach(name: string, project: string): Promise<void> {
    const access = PROJECTS.filter((one) => one !== project).map((one) => ({
      project: one,
      secrets: ['key'],
    }));
    const { status } = await this.#boss.ask('PUT', this.#at(`/machines/${name}/access`), { access });
    if (status >= 300) return;
    this.entries.push(`machine.access-set ${name}`);
    const isIn =
      (item: string): Cut =>
      ({ machines }) =>
        machines.some((one) => one.name === name && one.access.some((grant) => grant.project === item));
    for (const one of PROJECTS) {
      if (one === project) this.cuts.set(`machine ${name} ${one}`, isIn(one));
      else this.cuts.delete(`machine ${name} ${one}`);
    }
  }

  #gone(email: string): void {
    this.cuts.set(`gone ${email}`, ({ members }) => members.some((one) => one.email === email));
    this.cuts.delete(`suspended ${email}`);
  }

  async #do(
    by: Person,
    method: string,
    path: string,
    entry: Done['entry'],
    done: () => unknown,
  ): Promise<void> {
    const body = method === 'POST' ? {} : undefined;
    const { status } = await by.ask(method, this.#at(path), body);
    if (status >= 300) return;
    this.entries.push(entry);
    done();
  }
}

function memberIs(email: string, state: string): Cut {
  return ({ members }) => members.some((one) => one.email === email && one.state === state);
}

const person = fc.constantFrom(...PEOPLE);
const project = fc.constantFrom(...PROJECTS);
const machine = fc.constantFrom(...MACHINES);
const cell = fc.constantFrom(
  ...Object.entries(CELLS).flatMap(([category, cells]) => cells.map((one) => [category, one] as const)),
);

/** What a person may do next, out of all that people cut and give back. */
const act = fc.oneof(
  fc.tuple(fc.constant('suspend' as const), person),
  fc.tuple(fc.constant('unsuspend' as const), person),
  fc.tuple(fc.constant('remove' as const), person),
  fc.tuple(fc.constant('leave' as const), person),
  fc.tuple(fc.constant('invite' as const), person),
  fc.tuple(fc.constant('removeGrant' as const), person, project),
  fc.tuple(fc.constant('removeCell' as const), cell),
  fc.tuple(fc.constant('disable' as const), machine),
  fc.tuple(fc.constant('enable' as const), machine),
  fc.tuple(fc.constant('revoke' as const), machine),
  fc.tuple(fc.constant('detach' as const), machine, project),
);

test('people act while passes run: nothing that they cut is given back, and no act is lost (rails 7 and 10, A2)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 10, maxLength: 25 }),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 10 }),
      async (acts, passes) => {
        await using world = await World.start();
        const { vault } = world;
        const boss = await owner(vault);
        const members = new Map<string, Person>();
        for (const email of PEOPLE) await newAccount(vault, email);
        const { answers } = await world.pass(declared(false));
        expect([...answers.values()].filter(({ status }) => status !== 'Done')).toEqual([]);
        for (const email of PEOPLE) members.set(email, await joined(vault, email));
        const hands = new Hands(vault.vaultId, boss, members);
        const start = await sequence(world);
        const invites = (email: string) =>
          entriesOf(world, start, (entry) => entry === `member.invited ${email}`);
        const standing = async (): Promise<void> => {
          const cuts = [...hands.cuts];
          const state = await vault.snapshot();
          expect(cuts.filter(([, isBack]) => isBack(state)).map(([name]) => name)).toEqual([]);
        };

        const passing = async (): Promise<void> => {
          for (const later of passes) await world.pass(declared(later));
        };
        const acting = async (): Promise<void> => {
          for (const [what, first, second] of acts) {
            if (what === 'invite') await hands.invite(first, invites);
            else if (what === 'removeCell') await hands.removeCell(...first);
            else if (what === 'removeGrant' || what === 'detach') await hands[what](first, second);
            else await hands[what](first);
            await standing();
          }
        };
        await Promise.all([passing(), acting()]);

        let writes = -1;
        for (let more = 0; more < 8 && writes !== 0; more += 1) {
          ({ writes } = await world.pass(declared(true)));
          await standing();
        }
        const end = await sequence(world);
        world.requests.length = 0;
        expect((await world.pass(declared(true))).writes).toBe(0);
        expect(world.requests).toEqual(['GET /snapshot 304']);
        expect(await sequence(world)).toBe(end);

        expect((await entries(world, start)).toSorted()).toEqual(hands.entries.toSorted());
        expect((await examine(vault.context.reader, vault.context.cipher)).faults).toEqual([]);
        expect(vault.faults).toEqual([]);
      },
    ),
    { numRuns: 8 },
  );
}, 240_000);

/** The person accepts the invite that the pass sent. */
async function joined(vault: TestVault, email: string): Promise<Person> {
  const person = await signIn(vault, email, 'none');
  const { invites } = (await person.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
  const { status } = await person.ask('POST', `/me/invites/${invites[0]?.id}/accept`, {});
  if (status !== 200) throw new Error(`accept: ${status}`);
  return signIn(vault, email);
}

async function sequence({ vault }: World): Promise<number> {
  const row = await vault.context.reader
    .selectFrom('vaults')
    .select('audit_sequence')
    .executeTakeFirstOrThrow();
  return row.audit_sequence;
}

/** Acts of people after an entry, as `action key`. */
async function entries({ vault }: World, after: number): Promise<string[]> {
  const rows = await vault.context.reader
    .selectFrom('audit_entries')
    .select('entry')
    .where('sequence', '>', after)
    .execute();
  return rows.flatMap(({ entry }) => {
    const { action, actor, subject } = JSON.parse(entry) as {
      action: string;
      actor: { type: string };
      subject: { key: string };
    };
    return actor.type === 'member' || actor.type === 'account' ? [`${action} ${subject.key}`] : [];
  });
}

async function entriesOf(world: World, after: number, which: (entry: string) => boolean): Promise<number> {
  return (await entries(world, after)).filter(which).length;
}
