/**
 * On every answer (V7): it is no page, is kept by nobody on the way unless a route says otherwise, and is taken for
 * what it says it is (RFC 9110, Fetch "nosniff", CSP 3, RFC 6797).
 */
export function securityHeaders(isTls: boolean): Readonly<Record<string, string>> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(isTls ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}
