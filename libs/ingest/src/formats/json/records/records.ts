import type { FieldIndex, JsonObject } from '#ecs';
import { akamai } from './akamai/akamai.js';
import { apigee } from './apigee/apigee.js';
import { atlassianCloud, atlassianServer } from './atlassian/atlassian.js';
import { auth0 } from './auth0/auth0.js';
import { awsApiGateway } from './aws-api-gateway/aws-api-gateway.js';
import { awsWaf } from './aws-waf/aws-waf.js';
import { azureAccess, azureWaf } from './azure/azure.js';
import { entra, entraAudit, entraRisk } from './azure/entra.js';
import { bitwarden } from './bitwarden/bitwarden.js';
import { caddy } from './caddy/caddy.js';
import { cloudfrontJson } from './cloudfront/cloudfront.js';
import { cloudflare, cloudflareAccess, cloudflareAudit, cloudflareFirewall } from './cloudflare/cloudflare.js';
import { cloudtrail } from './cloudtrail/cloudtrail.js';
import { compileMap, type ReadRecord } from './compile-map.js';
import { duo, duoAdmin } from './duo/duo.js';
import { envoy } from './envoy/envoy.js';
import { gcpAudit, gcpRequest } from './gcp/gcp.js';
import { github } from './github/github.js';
import { googleWorkspace } from './google-workspace/google-workspace.js';
import { keycloak } from './keycloak/keycloak.js';
import { kong } from './kong/kong.js';
import { lastpass } from './lastpass/lastpass.js';
import { modsecurity } from './modsecurity/modsecurity.js';
import { mongodb } from './mongodb/mongodb.js';
import { okta } from './okta/okta.js';
import { otlp } from './otlp/otlp.js';
import { pingone } from './pingone/pingone.js';
import { pino } from './pino/pino.js';
import { forgerock } from './forgerock/forgerock.js';
import { o365 } from './o365/o365.js';
import { salesforce, salesforceEvent } from './salesforce/salesforce.js';
import { slack } from './slack/slack.js';
import { onepassword, onepasswordSignin } from './onepassword/onepassword.js';
import type { RecordShape } from './record-map.js';
import { traefik } from './traefik/traefik.js';
import { tyk } from './tyk/tyk.js';
import { isObject } from './value-path.js';
import { vault } from './vault/vault.js';

/** Every kind of record that is known by its keys. */
export const recordShapes: readonly RecordShape[] = [
  okta,
  auth0,
  cloudtrail,
  keycloak,
  entra,
  entraAudit,
  entraRisk,
  googleWorkspace,
  duo,
  duoAdmin,
  github,
  pingone,
  o365,
  slack,
  onepassword,
  onepasswordSignin,
  forgerock,
  salesforce,
  salesforceEvent,
  vault,
  mongodb,
  bitwarden,
  lastpass,
  atlassianCloud,
  atlassianServer,
  traefik,
  envoy,
  caddy,
  cloudfrontJson,
  awsApiGateway,
  awsWaf,
  akamai,
  kong,
  tyk,
  apigee,
  azureAccess,
  azureWaf,
  gcpRequest,
  gcpAudit,
  cloudflare,
  cloudflareFirewall,
  cloudflareAudit,
  cloudflareAccess,
  pino,
  modsecurity,
  otlp,
];

/** Shapes by the keys that mark them: one look-up per top-level key of an object, and nothing more for the objects that have none. */
const byMark = new Map<string, RecordShape[]>();
for (const shape of recordShapes) for (const mark of shape.marks) byMark.set(mark, [...(byMark.get(mark) ?? []), shape]);

/** A record and how it is read. */
export interface FoundRecord {
  readonly shape: RecordShape;
  readonly record: JsonObject;
}

/** Keys under which collectors and buses put a record as an object. */
const wrappers = new Set([
  'log_processed',
  'json',
  'jsonPayload',
  '_source',
  'message',
  'payload',
  'record',
  'body',
  'detail',
  'data',
  'event',
  'log',
  'entry',
]);

/** The record that an object is or wraps, if there is one. */
export function findRecord(tree: JsonObject, isInner = false): FoundRecord | undefined {
  for (const key of Object.keys(tree)) {
    if (!isInner && wrappers.has(key)) {
      const inner = tree[key];
      const found = isObject(inner) ? findRecord(inner, true) : undefined;
      if (found) return found;
    }
    const shapes = byMark.get(key);
    if (shapes === undefined) continue;
    for (const shape of shapes) {
      const record = shape.find(tree);
      if (record !== undefined) return { shape, record };
    }
  }
  return undefined;
}

/** Readers of records, compiled when the first of a shape comes and again when rules have added fields. */
export function recordReaders(index: FieldIndex): (shape: RecordShape) => ReadRecord {
  let readers = new Map<RecordShape, ReadRecord>();
  let builtFor = index.size;
  return (shape) => {
    if (index.size !== builtFor) {
      readers = new Map();
      builtFor = index.size;
    }
    let reader = readers.get(shape);
    if (!reader) readers.set(shape, (reader = compileMap(shape, index)));
    return reader;
  };
}
