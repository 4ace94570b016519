import type { CredentialKind } from './keyed-hash.js';

const names: Readonly<Record<CredentialKind, string>> = {
  token:
    'access_token accesstoken token id_token idtoken auth_token authtoken jwt bearer bearer_token oauth_token x_auth_token x_access_token x_amz_security_token x_goog_iap_jwt_assertion',
  api_key:
    'api_key apikey x_api_key x_apikey api_token apitoken api-key subscription_key ocp_apim_subscription_key app_key appkey client_key consumer_key x_functions_key x_goog_api_key',
  session:
    'session session_id sessionid sid phpsessid jsessionid asp_net_sessionid aspsessionid connect_sid _session_id session_token sessiontoken laravel_session ci_session __host_session',
};

const kinds = new Map(
  Object.entries(names).flatMap(([kind, list]) => list.split(' ').map((name) => [plain(name), kind as CredentialKind] as const)),
);

/** What kind of credential a parameter, field or header of this name holds. Passwords and refresh tokens are none: nobody is counted by them. */
export function credentialKind(name: string): CredentialKind | undefined {
  return name.length > 64 ? undefined : kinds.get(plain(name));
}

/** Without case and signs: `X-Api-Key`, `x_api_key` and `xApiKey` are one. */
function plain(name: string): string {
  return name.replace(/[^A-Za-z\d]/g, '').toLowerCase();
}

/** A value that could be a credential: not one that the sender has masked already, nor a word. */
export function credentialLike(value: string): boolean {
  return value.length >= 6 && value.length <= 16_384 && shape.test(value) && !masked.test(value);
}
const shape = /^[\w.~+/=:%-]+$/;
const masked = /^(?:x{4,}|redacted|filtered|hidden|masked|secret|undefined|null|true|false|<.*>|.*\.{3}.*)$/i;
