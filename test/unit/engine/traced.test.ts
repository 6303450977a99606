import { describe, expect, it } from 'vitest';
import type { Delivery } from '#engine/delivery.ts';
import { type TracedStep, traceOf } from '#engine/traced.ts';
import type { Provenance } from '#model/record.ts';

const COMMIT = 'c'.repeat(40);
const byFlux = { fieldManager: 'kustomization/flux-system/apps' };

/** A step of an object that tells this of itself; null: the object is gone, and its record has `kept`. */
function stepOf(hash: string, told: Provenance | null, kept: Provenance = {}): TracedStep {
  const source = told === null ? null : { provenance: told, namespace: 'acme' };
  return { step: { hash, source }, record: { provenance: kept, origin: 'acme' } } as unknown as TracedStep;
}

function reading(delivered: object) {
  const asked: Delivery[] = [];
  const trace = traceOf(async (delivery) => {
    asked.push(delivery);
    return delivered;
  });
  return { asked, trace };
}

describe('where steps come from (A4)', () => {
  it('has the commit and the repository of what delivers their objects, asked once', async () => {
    const { asked, trace } = reading({ commit: COMMIT, repository: 'https://git.example/fleet' });
    const traced = await trace([stepOf('1', byFlux), stepOf('2', byFlux)]);
    const whole = { ...byFlux, commit: COMMIT, repository: 'https://git.example/fleet' };
    expect([...traced]).toEqual([
      ['1', whole],
      ['2', whole],
    ]);
    expect(asked).toEqual([{ kind: 'Kustomization', namespace: 'flux-system', name: 'apps' }]);
  });

  it('stays with what the object claims, and asks nobody where nothing delivers it', async () => {
    const { asked, trace } = reading({ commit: COMMIT });
    const claims: Provenance[] = [
      { commit: 'abc' },
      { fieldManager: 'kustomization/flux-system/apps', notFromGit: true },
      {},
    ];
    const traced = await trace(claims.map((claim, index) => stepOf(String(index), claim)));
    expect([...traced.values()]).toEqual(claims);
    expect(asked).toEqual([]);
  });

  it('has of a pruned object who brought it, and the commit that has it no longer', async () => {
    const { trace } = reading({ commit: COMMIT });
    const kept = { ...byFlux, commit: 'the one before', path: 'members/bob.yaml', changedAt: 'then' };
    expect((await trace([stepOf('1', null, kept)])).get('1')).toEqual({
      ...byFlux,
      commit: COMMIT,
      path: 'members/bob.yaml',
    });
  });

  it('has the last known commit of a pruned object where nothing is told', async () => {
    const { trace } = reading({});
    const traced = await trace([stepOf('1', null, { ...byFlux, commit: 'the one before' })]);
    expect(traced.get('1')).toEqual({ ...byFlux, commit: 'the one before' });
  });
});
