/** What a plain access log can say of a login: `undefined` where the request was none or its end cannot be told. */
export type LoginResult = 'authn_login_success' | 'authn_login_fail' | undefined;

const words = 'log[-_]?in|sign[-_]?in|log[-_]?on|sign[-_]?on|authenticate|authentication|wp-login|j_security_check|j_spring_security_check';
const route = new RegExp(
  `/(?:(?:${words})(?:\\.[a-z]{2,5})?(?:/|$)|(?:auth|token|sessions?|xmlrpc\\.php|user_session|user_sessions)/?$)`,
  'i',
);
const notLogin = /\/(?:log|sign)[-_]?(?:out|off)\b|\/(?:revoke|introspect|refresh)\/?$/i;

/** Whether a path is one to which people log in: a segment such as `login`, or `token`, `session` at its end. */
export function isLoginRoute(path: string): boolean {
  return path.length <= 2048 && route.test(path) && !notLogin.test(path);
}

/** Reads a login's end from method, path, status and the user whom HTTP authentication named. */
export function loginResult(method: unknown, path: string, status: unknown, user: unknown): LoginResult {
  if (status === 401 && user !== undefined) return 'authn_login_fail';
  if (method !== 'POST' && !(method === 'PUT' && status === 401)) return undefined;
  if (typeof status !== 'number' || !isLoginRoute(path)) return undefined;
  if (status === 400 || status === 401 || status === 403 || status === 422 || status === 429) return 'authn_login_fail';
  if (status < 200 || status >= 400) return undefined;
  const file = path.slice(path.lastIndexOf('/') + 1);
  // WordPress shows the form again (200) to a wrong password and redirects the right one.
  if (file === 'wp-login.php') return status === 302 ? 'authn_login_success' : 'authn_login_fail';
  // These answer alike in both cases.
  if (file === 'xmlrpc.php' || file.startsWith('j_security_check') || file.startsWith('j_spring')) return undefined;
  return 'authn_login_success';
}
