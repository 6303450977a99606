import { expect, test } from 'vitest';
import { Refused } from '#cli/person/person-connection.ts';
import { unlessForbidden } from '#cli/person/what-falls-away.ts';

const refusing = (status: number) => () =>
  unlessForbidden(() => Promise.reject(new Refused(`no (${status})`, 'next', undefined, status)));

test.each([403, 404])('what may not be seen, or is not there (%i), is not known', async (status) => {
  expect(await refusing(status)()).toBeNull();
});

test.each([401, 429, 500, 503])(
  'a vault that does not answer (%i) is an error, and no "may not see"',
  async (status) => {
    await expect(refusing(status)()).rejects.toThrow(`no (${status})`);
  },
);
