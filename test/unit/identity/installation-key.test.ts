import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InstallationKey } from '#identity/installation-key.ts';

const parts = fc.array(fc.string(), { maxLength: 4 });

test('a seal verifies for what it was made for, and for nothing else', () => {
  const key = InstallationKey.random();
  fc.assert(
    fc.property(parts, parts, (sealed, others) => {
      const seal = key.seal('place', sealed);
      expect(key.verify(seal, 'place', sealed)).toBe('valid');
      expect(key.verify(seal, 'identity', sealed)).toBe('invalid');
      const same = JSON.stringify(sealed) === JSON.stringify(others);
      expect(key.verify(seal, 'place', others)).toBe(same ? 'valid' : 'invalid');
    }),
  );
});

test('a seal of another installation is told from a wrong one', () => {
  const seal = InstallationKey.random().seal('target-sources', ['a']);
  const own = InstallationKey.random();
  expect(own.verify(seal, 'target-sources', ['a'])).toBe('unknown-key');
  expect(own.verify(`${own.id}:${'0'.repeat(64)}`, 'target-sources', ['a'])).toBe('invalid');
  expect(own.verify(`${own.id}:zz`, 'target-sources', ['a'])).toBe('invalid');
  expect(own.verify('', 'target-sources', ['a'])).toBe('invalid');
});

test('the same key gives the same seal after a restart', () => {
  const key = InstallationKey.random();
  const again = new InstallationKey(key.id, key.reveal());
  expect(again.seal('content', ['x'])).toBe(key.seal('content', ['x']));
});

test('an installation key that is printed shows its id alone', () => {
  const key = InstallationKey.random();
  const printed = `${inspect(key, { depth: 9, showHidden: true })}${JSON.stringify(key)}`;
  expect(printed).toContain(key.id);
  expect(printed).not.toContain(key.reveal().toString('hex'));
  expect(printed).not.toContain(inspect(key.reveal()));
});
