import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentText, type SealedPlace, Seals } from '#controllers/machinebinding/seals.ts';
import { InstallationKey } from '#identity/installation-key.ts';

const seals = new Seals(InstallationKey.random());

const anyPlace: fc.Arbitrary<SealedPlace> = fc.record({
  namespace: fc.string(),
  secretName: fc.string(),
  role: fc.constantFrom('identity', 'staging', 'target'),
  bindingName: fc.string(),
  machineName: fc.string(),
  vault: fc.record({ url: fc.string(), vaultId: fc.string() }),
  publicKey: fc.string(),
});

const CHANGES: readonly ((place: SealedPlace) => SealedPlace)[] = [
  (place) => ({ ...place, namespace: `${place.namespace}x` }),
  (place) => ({ ...place, secretName: `x${place.secretName}` }),
  (place) => ({ ...place, role: place.role === 'identity' ? 'staging' : 'identity' }),
  (place) => ({ ...place, bindingName: `${place.bindingName}x` }),
  (place) => ({ ...place, machineName: `${place.machineName}x` }),
  (place) => ({ ...place, vault: { ...place.vault, url: `${place.vault.url}x` } }),
  (place) => ({ ...place, vault: { ...place.vault, vaultId: `${place.vault.vaultId}x` } }),
  (place) => ({ ...place, publicKey: `${place.publicKey}x` }),
];

test('a seal verifies at the place that it was made for, and at none that differs in any one thing', () => {
  fc.assert(
    fc.property(anyPlace, fc.string(), fc.constantFrom(...CHANGES), (place, says, change) => {
      const seal = seals.make('content', place, says);
      expect(seals.verify(seal, 'content', { ...place }, says)).toBe('valid');
      expect(seals.verify(seal, 'content', change(place), says)).toBe('invalid');
      expect(seals.verify(seal, 'content', place, `${says}x`)).toBe('invalid');
      expect(seals.verify(seal, 'place', place, says)).toBe('invalid');
    }),
  );
});

test('without a seal, or with that of another installation, it is not known who wrote it', () => {
  fc.assert(
    fc.property(anyPlace, (place) => {
      const other = new Seals(InstallationKey.random());
      expect(seals.verify(undefined, 'place', place)).toBe('unknown-key');
      expect(seals.verify(other.make('place', place), 'place', place)).toBe('unknown-key');
    }),
  );
});

test('what a content seal says does not depend on the order of the keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (data) => {
      const reversed = Object.fromEntries(Object.entries(data).reverse());
      expect(contentText(reversed)).toBe(contentText(data));
    }),
  );
});
