import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256 } from '#model/digest.ts';
import { hashSet, isMember } from '#model/membership.ts';

const hashes = fc
  .uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 70 })
  .map((all) => all.map((n) => sha256(`${n}`)));

it('every member of a set is proven by its proof, whatever order they came in, and by no other proof', () => {
  fc.assert(
    fc.property(hashes, fc.nat(), fc.nat(), (members, one, two) => {
      const set = hashSet(members);
      expect(hashSet(members.toReversed()).digest).toBe(set.digest);
      const [a, b] = [members[one % members.length], members[two % members.length]] as [string, string];
      expect(isMember(set.digest, a, set.proofOf(a))).toBe(true);
      if (a !== b) expect(isMember(set.digest, a, set.proofOf(b))).toBe(false);
    }),
  );
});

it('nothing else is proven: no other hash, no inner node of the tree, and not by another set', () => {
  fc.assert(
    fc.property(hashes, fc.nat(), (members, one) => {
      const set = hashSet(members);
      const member = members[one % members.length] as string;
      const proof = set.proofOf(member);
      expect(isMember(set.digest, sha256('another'), proof)).toBe(false);
      expect(isMember(set.digest, set.digest, [])).toBe(false);
      for (const [at, sibling] of proof.entries()) {
        expect(isMember(set.digest, sibling.slice(1), proof.slice(at + 1))).toBe(false);
      }
      expect(isMember(hashSet([...members, sha256('another')]).digest, member, proof)).toBe(false);
    }),
  );
});

it('a proof grows with the logarithm of the set', () => {
  const members = Array.from({ length: 5000 }, (_, n) => sha256(`${n}`));
  const set = hashSet(members);
  expect(Math.max(...members.map((member) => set.proofOf(member).length))).toBe(13);
});
