import type { FieldName } from '#ecs';
import type { LogEvent } from '../log-event.js';
import { DECODED, EXTENSION, IP, ORIGINAL, PATH, PRINCIPAL, ROUTE, URL_ORIGINAL, USER, USER_ID } from '../slots.js';
import { redactText } from '../redact/redact.js';
import { decodedUrl } from './decoded-url.js';
import { routeOf } from './route.js';

/** Fills one or several fields from others of the same event; asked only when one of them is read. */
export interface Provider {
  readonly fields: readonly FieldName[];
  readonly fill: (event: LogEvent) => void;
}

const principal: Provider = {
  fields: ['gatewatch.principal'],
  fill({ values }) {
    values[PRINCIPAL] = values[USER_ID] ?? values[USER] ?? values[IP];
  },
};

const route: Provider = {
  fields: ['gatewatch.route'],
  fill({ values }) {
    const path = values[PATH];
    if (typeof path === 'string') values[ROUTE] = routeOf(path);
  },
};

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
    event.values[ORIGINAL] = redactText(event.raw);
  },
};

/** Fields made of other fields. `event.original` only where the operator keeps it. */
export function derivedProviders(keepOriginal: boolean): readonly Provider[] {
  const always = [principal, route, decoded, extension];
  return keepOriginal ? [...always, original] : always;
}
