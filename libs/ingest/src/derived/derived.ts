import {
  API_VERSION,
  DECODED,
  DOCUMENTED,
  EXTENSION,
  LABELS,
  METHOD,
  OBJECT_ID,
  ORIGINAL,
  OTHER_OBJECT_ID,
  PATH,
  QUERY,
  ROUTE,
  URL_ORIGINAL,
} from '../slots.js';
import { redactText } from '../redact/redact.js';
import { decodedUrl } from './decoded-url.js';
import { otherObjectId } from './other-object.js';
import type { Provider } from './provider.js';
import { buildRouteTable } from './openapi/route-table.js';
import { mayHoldId, readRoute } from './route.js';
import { routeFacts, routesConfig, type RoutesConfig } from './route-labels.js';

/** Route, object and whether the API's description knows it. */
const route = (templates: readonly string[]): Provider => {
  const own = templates.length ? buildRouteTable(templates.map((template) => ({ template, methods: [] }))) : undefined;
  return {
    fields: ['gatewatch.route', 'gatewatch.object.id', 'gatewatch.api.documented'],
    sparse: true,
    fill({ values, profile }) {
      const path = values[PATH];
      if (typeof path !== 'string') return;
      if (profile?.routes) {
        const described = profile.routes(path);
        if (described?.methods) {
          values[ROUTE] = described.template;
          if (described.objectId !== undefined) values[OBJECT_ID] = described.objectId;
          const method = values[METHOD];
          // Every GET can be asked with HEAD, and browsers ask with OPTIONS before a call.
          values[DOCUMENTED] =
            typeof method !== 'string' || method === 'OPTIONS' || described.methods.has(method === 'HEAD' ? 'GET' : method);
          return;
        }
        values[DOCUMENTED] = false;
      }
      const named = own?.(path);
      if (named) {
        values[ROUTE] = named.template;
        if (named.objectId !== undefined) values[OBJECT_ID] = named.objectId;
        return;
      }
      if (!mayHoldId(path)) {
        values[ROUTE] = path;
        return;
      }
      const { template, objectId } = readRoute(path);
      values[ROUTE] = template;
      if (objectId !== undefined) values[OBJECT_ID] = objectId;
    },
  };
};

const otherObject: Provider = {
  fields: ['gatewatch.object.other_id'],
  sparse: true,
  fill({ values }) {
    const [path, query] = [values[PATH], values[QUERY]];
    if (typeof path !== 'string' || typeof query !== 'string' || !mayHoldId(path) || !mayHoldId(query)) return;
    const id = otherObjectId(path, query);
    if (id !== undefined) values[OTHER_OBJECT_ID] = id;
  },
};

/** What the route's text tells. It reads the path's own template, so that it need not wait for anything. */
function labels(config: RoutesConfig): Provider {
  const factsOf = routeFacts(config);
  return {
    fields: ['gatewatch.route_labels', 'gatewatch.api.version'],
    sparse: true,
    fill({ values }) {
      const path = values[PATH];
      if (typeof path !== 'string') return;
      const facts = factsOf(mayHoldId(path) ? readRoute(path).template : path);
      if (facts.labels !== undefined) values[LABELS] ??= facts.labels;
      if (facts.version !== undefined) values[API_VERSION] ??= facts.version;
    },
  };
}

const decoded: Provider = {
  fields: ['gatewatch.url.decoded'],
  fill({ values }) {
    const original = values[URL_ORIGINAL];
    if (typeof original === 'string') values[DECODED] = decodedUrl(original);
  },
};

const extension: Provider = {
  fields: ['url.extension'],
  fill({ values }) {
    const path = values[PATH];
    if (typeof path !== 'string') return;
    const dot = path.lastIndexOf('.');
    if (dot < 0 || path.length - dot > 20 || dot + 1 === path.length || path.indexOf('/', dot) >= 0) return;
    values[EXTENSION] = path.slice(dot + 1);
  },
};

const original: Provider = {
  fields: ['event.original'],
  fill(event) {
    event.values[ORIGINAL] = redactText(event.raw, event.profile?.redaction);
  },
};

export interface DerivedSettings {
  /** Whether `event.original` is filled. */
  readonly keepOriginal: boolean;
  readonly routes?: RoutesConfig;
}

/** Fields made of other fields. */
export function derivedProviders({ keepOriginal, routes = routesConfig.parse({}) }: DerivedSettings): readonly Provider[] {
  const always = [route(routes.templates), otherObject, labels(routes), decoded, extension];
  return keepOriginal ? [...always, original] : always;
}
