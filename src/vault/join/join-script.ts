/**
 * What the page for invitees does in the browser, as it is served: no build, no library. Texts of the server are set
 * as text, never as markup. A token comes behind the `#`, which no browser sends, and is taken out of the address.
 */
export const SCRIPT = `'use strict';
const part = (id) => document.getElementById(id);
const api = '/api/v1';
let session = null;
const token = /^#(ver_[A-Za-z0-9_-]{43})$/.exec(location.hash)?.[1] ?? null;
if (token !== null) history.replaceState(null, '', location.pathname);

function show(id) {
  for (const name of ['account', 'sign-in', 'invites']) part(name).hidden = name !== id;
}
function say(text) {
  part('said').textContent = text;
}
async function ask(method, path, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  if (session !== null) headers.authorization = 'Bearer ' + session;
  const answer = await fetch(api + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  const parsed = text === '' ? null : JSON.parse(text);
  if (!answer.ok) throw new Error([parsed?.detail, parsed?.next].filter(Boolean).join(' ') || 'It failed.');
  return parsed;
}
function on(id, work) {
  part(id).onsubmit = async (event) => {
    event.preventDefault();
    say('');
    try {
      await work();
    } catch (error) {
      say(error.message);
    }
  };
}
async function signIn(email, password) {
  session = (await ask('POST', '/sessions', { email, password })).token;
  await list();
}
async function list() {
  const { vaults, invites } = await ask('GET', '/me/vaults');
  part('vault-list').replaceChildren(...vaults.map(({ displayName, role }) => line(displayName + ' (' + role + ')')));
  part('invite-list').replaceChildren(...invites.map((invite) => {
    const item = line(invite.organization + ', as ' + invite.role + ' ');
    item.append(button('Accept', invite, 'accept'), button('Decline', invite, 'decline'));
    return item;
  }));
  part('no-invites').hidden = invites.length > 0;
  show('invites');
}
function line(text) {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}
function button(text, invite, act) {
  const made = document.createElement('button');
  made.textContent = text;
  made.onclick = async () => {
    try {
      await ask('POST', '/me/invites/' + invite.id + '/' + act, {});
      say(act === 'accept' ? 'You joined ' + invite.organization + '.' : 'You declined.');
    } catch (error) {
      say(error.message);
    }
    await list();
  };
  return made;
}
on('account-form', async () => {
  const password = part('new-password').value;
  const { email } = await ask('POST', '/accounts/verify', { token, userName: part('user-name').value, password });
  await signIn(email, password);
});
on('sign-in-form', () => signIn(part('email').value, part('password').value));
on('ask-form', async () => {
  await ask('POST', '/accounts', { email: part('ask-email').value });
  say('Look into your mail.');
});
show(token === null ? 'sign-in' : 'account');
`;
