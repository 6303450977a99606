/** The rails that were applied last, as an Organization declares them: what is the default is left out. Pure. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import type { NamespaceAccess, RailSettings } from '#model/fields.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import { type Budget, LOSS_CLASSES } from '#model/loss.ts';
import { sameValue } from '#model/same.ts';

type Rails = NonNullable<Spec<'Organization'>['rails']>;
type Entries = NonNullable<Spec<'Organization'>['access']>;
type Declared = Pick<Spec<'Organization'>, 'rails' | 'access' | 'invites' | 'confirmation' | 'authority'>;

/** What of the spec the rails are made of; each is absent where it says nothing. */
export function railsSpec(rails: RailSettings): Declared {
  const declared: Rails = {
    ...(rails.settleSeconds === DEFAULT_RAILS.settleSeconds ? {} : { settle: `${rails.settleSeconds}s` }),
    ...(rails.losses === DEFAULT_RAILS.losses ? {} : { losses: rails.losses }),
    ...present('lossBudget', budgets(rails)),
    ...(rails.requiredAdmins.length === 0 ? {} : { requiredAdmins: [...rails.requiredAdmins] }),
    ...(rails.privilegeApproval === DEFAULT_RAILS.privilegeApproval
      ? {}
      : { privilegeApproval: rails.privilegeApproval }),
    ...present('approvers', approvers(rails)),
  };
  return {
    ...present('rails', declared),
    ...(rails.access.length === 0 ? {} : { access: rails.access.map(entry) }),
    ...present('invites', invites(rails)),
    ...(rails.confirmation ? { confirmation: 'Required' } : {}),
    ...present('authority', authority(rails)),
  };
}

function invites({ invites: applied }: RailSettings): NonNullable<Declared['invites']> {
  const { validForSeconds, maxAttempts, perHour } = applied;
  const fallback = DEFAULT_RAILS.invites;
  return {
    ...(validForSeconds === fallback.validForSeconds ? {} : { validFor: `${validForSeconds / 3600}h` }),
    ...(maxAttempts === fallback.maxAttempts ? {} : { maxAttempts }),
    ...(perHour === null ? {} : { perHour }),
  };
}

function authority({ authority: applied }: RailSettings): NonNullable<Declared['authority']> {
  return Object.fromEntries(Object.entries(applied).filter(([, value]) => value !== 'Additive'));
}

function budgets({ lossBudget }: RailSettings): Rails['lossBudget'] {
  return Object.fromEntries(
    LOSS_CLASSES.flatMap((name) => {
      const differing = budget(lossBudget[name], DEFAULT_RAILS.lossBudget[name]);
      return Object.keys(differing).length === 0 ? [] : [[name, differing]];
    }),
  );
}

function budget(applied: Budget, fallback: Budget): NonNullable<NonNullable<Rails['lossBudget']>['people']> {
  return {
    ...(applied.min === fallback.min ? {} : { min: applied.min }),
    ...(applied.max === fallback.max || applied.max === null ? {} : { max: applied.max }),
    ...(applied.percent === fallback.percent ? {} : { percent: applied.percent }),
  };
}

function approvers({ approvers: { users, groups, members } }: RailSettings): NonNullable<Rails['approvers']> {
  return {
    ...(users.length === 0 ? {} : { users: [...users] }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(members.length === 0 ? {} : { members: [...members] }),
  };
}

function entry({ namespace, kinds, roles, templates, cells, projects }: NamespaceAccess): Entries[number] {
  const bringsMembers = kinds.includes('Member');
  return {
    namespace,
    kinds: [...kinds],
    ...(!bringsMembers || sameValue(roles, ['Member']) ? {} : { roles: [...roles] }),
    ...(templates.length === 0 ? {} : { templates: [...templates] }),
    ...(Object.keys(cells).length === 0 ? {} : { cells }),
    ...(projects.length === 0 ? {} : { projects: [...projects] }),
  };
}

/** `{ [name]: value }` unless the value has nothing. */
function present<Name extends string, Value extends object>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  if (value === undefined || Object.keys(value).length === 0) return {};
  return { [name]: value } as { [key in Name]: Value };
}
