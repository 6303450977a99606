/** The page that mails lead to: make an account, sign in, accept or decline (I1, I3). */
import { createHash } from 'node:crypto';
import { SCRIPT } from './join-script.ts';

const STYLE = `body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; }
label, input, button { display: block; margin: 0.5rem 0; }
li button { display: inline-block; margin-left: 0.5rem; }
[hidden] { display: none; }
`;

export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Seneschal vault</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Seneschal vault</h1>
<p id="said" role="status"></p>
<section id="account" hidden>
<h2>Make your account</h2>
<form id="account-form">
<label>Name <input id="user-name" autocomplete="nickname" required maxlength="128"></label>
<label>Password, at least 12 characters <input id="new-password" type="password" autocomplete="new-password" required minlength="12"></label>
<button>Make it</button>
</form>
</section>
<section id="sign-in" hidden>
<h2>Sign in</h2>
<form id="sign-in-form">
<label>Address <input id="email" type="email" autocomplete="username" required></label>
<label>Password <input id="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<h2>No account yet?</h2>
<form id="ask-form">
<label>Address <input id="ask-email" type="email" autocomplete="email" required></label>
<button>Send me a link</button>
</form>
</section>
<section id="invites" hidden>
<h2>Your invites</h2>
<p id="no-invites" hidden>There are none.</p>
<ul id="invite-list"></ul>
<h2>Your vaults</h2>
<ul id="vault-list"></ul>
</section>
<noscript>This page needs JavaScript.</noscript>
<script>${SCRIPT}</script>
</body>
</html>
`;

/** Nothing runs, is loaded or is asked but this script, this style and this server. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `script-src ${hashOf(SCRIPT)}`,
    `style-src ${hashOf(STYLE)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
