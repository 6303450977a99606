/** Random cuts of people, of whatever act, over the names of arbitrary.ts. */
import fc from 'fast-check';
import type { Tombstone, TombstoneAct } from '#model/record.ts';
import { CUT_ACTS } from '#planning/given-back-by-people.ts';
import { cellName, EMAILS, GROUPS, MACHINES, PROJECTS, SECRETS, TEMPLATES } from './arbitrary.ts';
import { HOUR, NOW } from './organization.ts';

type About = Pick<Tombstone, 'kind' | 'key' | 'item'>;

const one = fc.constantFrom<string[]>;
const whole = fc.constant(null);
const about = (
  kind: Tombstone['kind'],
  keys: readonly string[],
  item: fc.Arbitrary<string | null> = whole,
): fc.Arbitrary<About> => fc.record({ kind: fc.constant(kind), key: one(...keys), item });

const project = one(...PROJECTS);
const secret = fc.tuple(project, one(...SECRETS)).map(([of, name]) => `${of}/${name}`);
const perhaps = (item: fc.Arbitrary<string>): fc.Arbitrary<string | null> => fc.oneof(whole, item);

const CUTS: Readonly<Record<TombstoneAct, fc.Arbitrary<About>>> = {
  Suspended: about('Member', EMAILS),
  Removed: about('Member', EMAILS),
  Left: about('Member', EMAILS),
  Declined: about('Member', EMAILS),
  RoleLowered: about('Member', EMAILS),
  TemplateTaken: about('Member', EMAILS, perhaps(one(...TEMPLATES))),
  ScopeNarrowed: fc.oneof(
    about('Member', EMAILS, perhaps(project)),
    about('PermissionTemplate', TEMPLATES, perhaps(project)),
  ),
  GrantRemoved: fc.oneof(
    about('Member', EMAILS, project),
    about('Group', GROUPS, project),
    about('MachineBinding', MACHINES, fc.oneof(project, secret)),
  ),
  EndShortened: about('Member', EMAILS),
  CellRemoved: about('PermissionTemplate', TEMPLATES, cellName),
  MembershipRemoved: about('Group', GROUPS, one(...EMAILS)),
  GroupDeleted: about('Group', GROUPS),
  ProjectDeleted: about('Project', PROJECTS),
  SecretDeleted: about('Project', PROJECTS, one(...SECRETS)),
  MachineDisabled: about('MachineBinding', MACHINES),
  MachineRevoked: about('MachineBinding', MACHINES),
  MachineKeyRevoked: about('MachineBinding', MACHINES, one(...MACHINES.map((name) => `fp-${name}`))),
};

const DELETIONS: readonly TombstoneAct[] = ['ProjectDeleted', 'SecretDeleted'];

const cut = fc.constantFrom(...CUT_ACTS).chain((act) =>
  fc.record({
    act: fc.constant(act),
    about: CUTS[act],
    hours: fc.nat({ max: 9 }),
    final: fc.boolean(),
    isTrashed: fc.boolean(),
  }),
);

/** Up to 8, each with an entry of its own, `aud_0` and so on; some of them final. */
export const arbitraryCuts: fc.Arbitrary<readonly Tombstone[]> = fc
  .array(cut, { minLength: 1, maxLength: 8, size: 'max' })
  .map((cuts) =>
    cuts.map(({ act, about: subject, hours, final, isTrashed }, index) => ({
      ...{ entry: `aud_${index}`, act, ...subject, final },
      ...{ actor: 'carol', at: NOW - hours * HOUR },
      ...(isTrashed && DELETIONS.includes(act) ? { trashed: `trashed_${index}` } : {}),
    })),
  );
