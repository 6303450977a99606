import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock, OWNER, ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { makeContext } from '#vault/app/vault-context.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { openStore } from '#vault/store/store.ts';
import type { Store } from '#vault/store/store-interface.ts';
import { keysOfOthers, rotateRootKey } from '#vault/upkeep/root-key-rotation.ts';
import { examine } from '#vault/upkeep/verification.ts';
import { newAccount, owner, signIn } from '../world/people.ts';
import { type App, attempt, STEP, withSecondFactor } from '../world/second-factor.ts';

const NEXT = new RootKey(Buffer.alloc(32, 8));

describe('the secret of a second factor, which the root key wraps (V5)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let store: Store;
  let app: App;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    ({ app } = await withSecondFactor(await owner(vault), clock.now()));
    clock.advance(STEP);
    store = await openStore(vault.database.name, clock.now());
  });
  afterEach(async () => {
    await store.close();
    await vault[Symbol.asyncDispose]();
  });

  const examined = async (key: RootKey) => {
    const { faults, keys } = await examine(store.reader, new SecretCipher(key));
    return { faults, keys };
  };

  it('is wrapped by another root key, under a server that signs in all the while', async () => {
    await newAccount(vault, 'bob@acme.example');
    // Enrolled and not confirmed: it is wrapped too.
    await (await signIn(vault, 'bob@acme.example', 'none')).ask('POST', '/me/second-factor');
    const other = makeContext({ store, cipher: new SecretCipher(NEXT, [ROOT_KEY]) });
    await vault.server.holdRootKeys(NEXT, [ROOT_KEY]);
    expect((await attempt(vault, OWNER, app.code(clock.now()))).status).toBe(201);
    // The two, and that of the audit log.
    expect(await rotateRootKey(other)).toEqual({ rewrapped: 3, broken: [] });
    expect(await rotateRootKey(other)).toEqual({ rewrapped: 0, broken: [] });
    await vault.server.holdRootKeys(NEXT, []);
    clock.advance(STEP);
    expect((await attempt(vault, OWNER, app.code(clock.now()))).status).toBe(201);
    expect(await examined(NEXT)).toEqual({ faults: [], keys: 3 });
  });

  it('counts among the keys that a root key is missing for', async () => {
    const other = makeContext({ store, cipher: new SecretCipher(NEXT) });
    expect(await keysOfOthers(other)).toBe(2);
  });

  it('that does not open is found by verification, and left alone by a rotation', async () => {
    expect(await examined(ROOT_KEY)).toEqual({ faults: [], keys: 2 });
    await newAccount(vault, 'bob@acme.example');
    const { id } = await store.reader
      .selectFrom('accounts')
      .select('id')
      .where('email', '=', OWNER)
      .executeTakeFirstOrThrow();
    // Whoever has the database moves the secret of one account to another.
    await withSecondFactor(await signIn(vault, 'bob@acme.example', 'none'), clock.now());
    const { wrapped_key } = await store.reader
      .selectFrom('second_factors')
      .select('wrapped_key')
      .where('account_id', '!=', id)
      .executeTakeFirstOrThrow();
    await vault.database.edit(
      'update second_factors set wrapped_key = ? where account_id = ?',
      wrapped_key,
      id,
    );
    expect(await examined(ROOT_KEY)).toEqual({
      faults: [`${id}: the second factor: It does not open: it was changed or moved.`],
      keys: 2,
    });
    const other = makeContext({ store, cipher: new SecretCipher(NEXT, [ROOT_KEY]) });
    expect(await rotateRootKey(other)).toEqual({ rewrapped: 2, broken: [id] });
  });
});
