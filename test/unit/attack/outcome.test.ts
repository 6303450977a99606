import { expect, it } from 'vitest';
import { done, faultsOf, ofAnswer, ofStep, refused } from '#test/attack/outcome.ts';

const EXPECTED = ['403 Forbidden'];
const refusal = refused('GET /a', '403 Forbidden');

it('an attack is held where each call is refused, by what was named', () => {
  expect(faultsOf('attack', [refusal, refusal], EXPECTED)).toEqual([]);
});

it.each([
  ['a call went through', [refusal, done('GET /b', '200')], ['GET /b: went through, 200']],
  [
    'a call was refused by something else, as one that is malformed is',
    [refusal, refused('GET /b', '400 InvalidRequest')],
    ['GET /b: refused by 400 InvalidRequest, and not by 403 Forbidden'],
  ],
  ['no call was made', [], ['no call was made']],
])('an attack is not held where %s', (_, outcomes, faults) => {
  expect(faultsOf('attack', outcomes, EXPECTED)).toEqual(faults);
});

it('an attack is not held where a refusal that was named did not come about', () => {
  expect(faultsOf('attack', [refusal], [...EXPECTED, '404 NotFound'])).toEqual([
    'nothing was refused by 404 NotFound',
  ]);
});

it('a control goes through where every call does', () => {
  expect(faultsOf('control', [done('GET /a', '200')], [])).toEqual([]);
  expect(faultsOf('control', [], [])).toEqual(['no call was made']);
  expect(faultsOf('control', [done('GET /a', '200'), refusal], [])).toEqual([
    'GET /a: refused, 403 Forbidden',
  ]);
});

it('an answer is refused by its status and its code, on both planes, and a step by its code', () => {
  expect(ofAnswer('a', { status: 204, body: null })).toEqual(done('a', '204'));
  expect(ofAnswer('a', { status: 403, body: { code: 'Forbidden' } })).toEqual(refused('a', '403 Forbidden'));
  expect(ofAnswer('a', { status: 401, body: { error: 'no' } })).toEqual(refused('a', '401 no'));
  expect(ofAnswer('a', { status: 502, body: null })).toEqual(refused('a', '502'));
  expect(ofStep('a', 'Done')).toEqual(done('a', 'Done'));
  expect(ofStep('a', 'Frozen')).toEqual(refused('a', 'Frozen'));
});
