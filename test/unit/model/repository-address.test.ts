import fc from 'fast-check';
import { expect, test } from 'vitest';
import { repositoryAddress } from '#model/repository-address.ts';

test.each([
  ['https://git.example/fleet/acme.git', 'https://git.example/fleet/acme.git'],
  ['https://ci:glpat-secret@git.example/fleet', 'https://git.example/fleet'],
  ['https://git.example:8443/fleet?access_token=secret#x', 'https://git.example:8443/fleet'],
  ['ssh://git@git.example:22/fleet', 'ssh://git.example:22/fleet'],
  ['git@git.example:fleet/acme.git', 'ssh://git.example/fleet/acme.git'],
  ['oci://registry.example/fleet', 'oci://registry.example/fleet'],
  ['/srv/git/fleet.git', undefined],
  ['../fleet', undefined],
  ['file:///srv/git/fleet.git', undefined],
  ['ext::sh -c something', undefined],
  ['', undefined],
])('%s is told as %s (A4)', (text, told) => {
  expect(repositoryAddress(text)).toBe(told);
});

test('no user name, password or token goes with an address (A4)', () => {
  const word = fc.stringMatching(/^[a-z0-9]{8,20}$/);
  fc.assert(
    fc.property(
      word,
      word,
      word,
      fc.constantFrom('https', 'http', 'ssh'),
      (user, password, token, scheme) => {
        const told = repositoryAddress(
          `${scheme}://${user}:${password}@git.example/fleet?t=${token}#${token}`,
        );
        expect(told).toBe(`${scheme}://git.example/fleet`);
      },
    ),
  );
});
