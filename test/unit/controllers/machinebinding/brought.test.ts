import { describe, expect, it } from 'vitest';
import { broughtProblem } from '#controllers/machinebinding/brought.ts';
import type { BindingInput } from '#controllers/machinebinding/input.ts';

const summaryOf = (reason: string) =>
  ({ machineName: 'api', state: 'Stalled', reason, message: 'why' }) as const;

function problemOf(
  namespace: string,
  summary: BindingInput['summary'],
  found: 'absent' | 'present' = 'absent',
): ReturnType<typeof broughtProblem> {
  const input = {
    identity: { namespace },
    binding: { spec: { key: { secretName: 'api-key' } } },
    ...{ organization: 'acme/acme', summary },
  } as unknown as BindingInput;
  return broughtProblem(input, { lookup: () => ({ found }) as never });
}

describe('a key is made', () => {
  it.each(['NamespaceNotListed', 'NotAllowed'])('for no binding that is %s', (reason) => {
    expect(problemOf('team', summaryOf(reason))).toMatchObject({ is: 'stalled', reason, message: 'why' });
  });

  it('for one of another namespace once its Organization has looked at it', () => {
    expect(problemOf('team', undefined)).toMatchObject({ is: 'waiting', reason: 'WaitingForOrganization' });
    expect(problemOf('team', summaryOf('WaitingForKey'))).toBeUndefined();
    expect(problemOf('acme', undefined)).toBeUndefined();
  });

  it('never anew for one that has a key, which goes on', () => {
    expect(problemOf('team', summaryOf('NamespaceNotListed'), 'present')).toBeUndefined();
  });
});
