import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { mailsTo, tokenMailedTo } from '../world/outbox.ts';
import { newAccount, owner } from '../world/people.ts';

/** As much of an element as the page uses. */
class FakeElement {
  hidden = false;
  textContent = '';
  value = '';
  children: FakeElement[] = [];
  onsubmit: ((event: { preventDefault(): void }) => Promise<void>) | null = null;
  onclick: (() => Promise<void>) | null = null;

  append(...children: FakeElement[]): void {
    this.children.push(...children);
  }
  replaceChildren(...children: FakeElement[]): void {
    this.children = children;
  }
}

describe('the page that mails lead to', () => {
  let vault: TestVault;
  beforeEach(async () => {
    vault = await startTestVault({ outgoing: { signUp: 'invited' } });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const page = async () => (await fetch(`${vault.url}/join`)).text();
  /** The page in a browser that knows no more than it uses. */
  const opened = async (hash: string) => {
    const html = await page();
    const elements = new Map([...html.matchAll(/ id="([\w-]+)"/g)].map(([, id]) => [id, new FakeElement()]));
    const part = (id: string): FakeElement => elements.get(id) as FakeElement;
    const replaceState = vi.fn();
    const ask = (path: string, init: RequestInit) => fetch(`${vault.url}${path}`, init);
    runInNewContext(/<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? '', {
      ...{ location: { hash, pathname: '/join' }, history: { replaceState }, fetch: ask },
      document: { getElementById: part, createElement: () => new FakeElement() },
    });
    const submit = async (id: string, fields: Record<string, string>) => {
      for (const [name, value] of Object.entries(fields)) part(name).value = value;
      await part(id).onsubmit?.({ preventDefault: () => {} });
    };
    const shown = () => ['account', 'sign-in', 'invites'].filter((id) => !part(id).hidden);
    return { part, submit, shown, replaceState };
  };
  const invite = async (email: string) =>
    (await owner(vault)).ask('POST', `/vaults/${vault.vaultId}/invites`, { emails: [email] });

  it('takes a person from the invite to the membership (I1, I3)', async () => {
    await invite('alice@acme.example');
    const [mail] = await mailsTo(vault, 'alice@acme.example');
    const first = await opened(/\/join(#\S+)/.exec(mail?.text ?? '')?.[1] ?? '');
    expect(first.shown()).toEqual(['sign-in']);
    await first.submit('ask-form', { 'ask-email': 'alice@acme.example' });
    expect(first.part('said').textContent).toBe('Look into your mail.');

    const second = await opened(`#${await tokenMailedTo(vault, 'alice@acme.example')}`);
    expect(second.shown()).toEqual(['account']);
    expect(second.replaceState).toHaveBeenCalledWith(null, '', '/join');
    await second.submit('account-form', { 'user-name': 'alice', 'new-password': 'short' });
    expect(second.part('said').textContent).toContain('at least 12 characters');
    await second.submit('account-form', { 'user-name': 'alice', 'new-password': PASSWORD });
    expect(second.shown()).toEqual(['invites']);
    const [item] = second.part('invite-list').children;
    expect(item?.textContent).toContain('Acme, as Member');
    await item?.children[0]?.onclick?.();
    expect(second.part('said').textContent).toBe('You joined Acme.');
    expect(second.part('invite-list').children).toEqual([]);
    expect(second.part('vault-list').children[0]?.textContent).toBe('Acme (Member)');
  });

  it('signs in who has an account, who may decline; a wrong password is told', async () => {
    await newAccount(vault, 'bob@acme.example');
    await invite('bob@acme.example');
    const { part, submit, shown } = await opened('#invites');
    await submit('sign-in-form', { email: 'bob@acme.example', password: 'wrong' });
    expect(part('said').textContent).toBe(
      'Address or password is wrong. Try again, or ask for a new password.',
    );
    await submit('sign-in-form', { email: 'bob@acme.example', password: PASSWORD });
    expect(shown()).toEqual(['invites']);
    await part('invite-list').children[0]?.children[1]?.onclick?.();
    expect(part('said').textContent).toBe('You declined.');
    expect(part('no-invites').hidden).toBe(false);
  });

  it('runs its own script and nothing else, and is in no frame', async () => {
    const answer = await fetch(`${vault.url}/join`);
    const html = await answer.text();
    const policy = answer.headers.get('content-security-policy') ?? '';
    for (const name of ['script', 'style']) {
      const text = new RegExp(`<${name}>([\\s\\S]*)</${name}>`).exec(html)?.[1] ?? '';
      expect(policy).toContain(`${name}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    }
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(html).not.toMatch(/ on\w+="| style="|innerHTML/);
  });
});
