import { fields, slot, type FieldIndex, type FieldValue, type JsonObject, type JsonValue } from '#ecs';
import { canonicalIp, splitPort } from '../../http/address.js';
import type { LogEvent } from '../../log-event.js';
import {
  ADDRESS,
  AGENT,
  API_KEY_ID,
  CLIENT_IP,
  DECODED,
  DOMAIN,
  EMAIL,
  EXTENSION,
  IP,
  MESSAGE,
  OBJECT_ID,
  ORIGINAL,
  PATH,
  PRINCIPAL,
  QUERY,
  REASON,
  REFERRER,
  ROUTE,
  SESSION_ID,
  THREAT_IP,
  TOKEN_ID,
  URL_ORIGINAL,
  USER,
  USER_ID,
} from '../../slots.js';
import { hideInText, hideInUrl, type Hidden } from './hide-text.js';
import { fieldJudge, holdsPeople, type Holds } from './person-fields.js';
import type { Pseudonyms } from './pseudonyms.js';

const userSlots = [USER_ID, USER, EMAIL, slot['url.username']];
const addressSlots = [IP, CLIENT_IP, THREAT_IP];
const textSlots = [MESSAGE, REASON, AGENT, slot['error.message']];
const urlSlots = [URL_ORIGINAL, PATH, QUERY, REFERRER, DECODED, ROUTE];
const deepest = 32;

/** Replaces what names people in one event, when everything else about it is known. */
export function pseudonymiser(pseudonyms: Pseudonyms, index: FieldIndex): (event: LogEvent) => void {
  const judge = fieldJudge(pseudonyms.fields);
  return (event) => new Hiding(pseudonyms, judge, index).hide(event);
}

class Hiding implements Hidden {
  readonly users = new Map<string, string>();
  readonly addresses = new Map<string, string>();
  readonly user: Hidden['user'];
  readonly address: Hidden['address'];

  constructor(
    private readonly pseudonyms: Pseudonyms,
    private readonly judge: (key: string, parent: Holds) => Holds,
    private readonly index: FieldIndex,
  ) {
    if (pseudonyms.users) this.user = (name) => pseudonyms.user(name);
    if (pseudonyms.addresses) this.address = (ip) => pseudonyms.address(ip);
  }

  hide(event: LogEvent): void {
    const { values } = event;
    const principal = values[PRINCIPAL];
    const credential = [values[TOKEN_ID], values[SESSION_ID], values[API_KEY_ID]].includes(principal);
    const isAddress = typeof principal === 'string' && principal === values[IP];
    if (this.user) for (const at of userSlots) values[at] = this.named(values[at]);
    if (this.address) this.hideAddresses(values);
    if (isAddress) values[PRINCIPAL] = values[IP];
    else if (!credential && this.user) values[PRINCIPAL] = this.named(principal);
    // Names first, wherever they stand, so that sentences can be searched for them.
    if (event.extra && this.user) this.collect(event.extra, undefined, 0);
    const object = values[OBJECT_ID];
    for (const at of urlSlots) values[at] = this.within(values[at], hideInUrl);
    const extension = values[EXTENSION];
    // Of a name with a dot: the part behind it.
    if (typeof extension === 'string' && !endsWithExtension(values[PATH], extension)) values[EXTENSION] = undefined;
    for (const at of textSlots) values[at] = this.within(values[at], hideInText);
    if (typeof object === 'string') values[OBJECT_ID] = this.users.get(object) ?? this.objectOf(object, values[PATH]);
    this.hideFurther(values);
    if (event.extra) event.extra = this.tree(event.extra, undefined, 0) as JsonObject;
    values[ORIGINAL] = undefined;
    event.pseudonymised = true;
  }

  /** Where the path shows a pseudonym in the object's place, the object is that. */
  private objectOf(object: string, path: FieldValue): string {
    const pseudonym = this.user?.(object);
    return pseudonym !== undefined && typeof path === 'string' && path.split('/').includes(pseudonym) ? pseudonym : object;
  }

  private hideAddresses(values: FieldValue[]): void {
    for (const at of addressSlots) {
      const ip = values[at];
      if (typeof ip === 'string') values[at] = this.addressed(ip);
    }
    const address = values[ADDRESS];
    if (typeof address === 'string') {
      const ip = canonicalIp(address) ?? canonicalIp(splitPort(address).host) ?? canonicalIp(address.slice(0, address.lastIndexOf(':')));
      values[ADDRESS] = ip === undefined ? this.hostName(address) : this.addressed(ip);
      // As it was spelt in the log it stands in its texts too.
      if (ip !== undefined && address !== ip) this.addresses.set(address, values[ADDRESS] as string);
    }
    const domain = values[DOMAIN];
    if (typeof domain === 'string') values[DOMAIN] = this.hostName(domain);
  }

  /** A caller's host name names his line; it is hidden as a name is. */
  private hostName(text: string): string {
    return text.startsWith('unix:') ? text : this.hidden(this.addresses, text, this.pseudonyms.user(text));
  }

  private addressed(ip: string): string {
    return this.hidden(this.addresses, ip, this.address!(ip));
  }

  private hidden(into: Map<string, string>, plain: string, pseudonym: string): string {
    if (into.size < 64) into.set(plain, pseudonym);
    return pseudonym;
  }

  private named(value: FieldValue): FieldValue {
    if (typeof value === 'number') return this.named(String(value));
    if (Array.isArray(value)) return value.map((one: string) => this.named(one) as string);
    return typeof value === 'string' && value !== '' ? this.hidden(this.users, value, this.user!(value)) : value;
  }

  private within(value: FieldValue, hide: (text: string, hidden: Hidden) => string): FieldValue {
    return typeof value === 'string' ? hide(value, this) : value;
  }

  /** Fields that only rules know, by their names. */
  private hideFurther(values: FieldValue[]): void {
    if (values.length <= fields.length) return;
    const names = this.index.names();
    for (let at = fields.length; at < values.length; at++) {
      const value = values[at];
      if (value !== undefined && value !== null) values[at] = this.branch((names[at] ?? '').split('.'), value as JsonValue) as FieldValue;
    }
  }

  private branch(path: readonly string[], value: JsonValue): JsonValue {
    let holds: Holds;
    for (const key of path.slice(0, -1)) holds = this.below(key, holds);
    return this.leafOrTree(path.at(-1) ?? '', value, holds, 0);
  }

  private below(key: string, parent: Holds): Holds {
    if (parent !== undefined) return parent;
    return holdsPeople(key) ? 'user' : this.judge(key, undefined) === 'machine' ? 'machine' : undefined;
  }

  private collect(tree: JsonObject | readonly JsonValue[], holds: Holds, depth: number): void {
    if (depth > deepest) return;
    for (const [key, part] of Object.entries(tree)) {
      if (typeof part === 'object' && part !== null) this.collect(part, Array.isArray(tree) ? holds : this.below(key, holds), depth + 1);
      else if (typeof part === 'string' && part !== '' && this.judge(key, holds) === 'user') this.named(part);
    }
  }

  private tree(value: JsonObject, holds: Holds, depth: number): JsonValue {
    if (depth > deepest) return '…';
    const copy: JsonObject = {};
    for (const [key, part] of Object.entries(value)) copy[key] = this.leafOrTree(key, part, holds, depth);
    return copy;
  }

  private leafOrTree(key: string, value: JsonValue, parent: Holds, depth: number): JsonValue {
    if (Array.isArray(value)) return depth > deepest ? '…' : value.map((one) => this.leafOrTree(key, one, parent, depth + 1));
    if (typeof value === 'object' && value !== null) return this.tree(value, this.below(key, parent), depth + 1);
    if (parent === 'machine' || value === null || typeof value === 'boolean' || value === '') return value;
    if (this.user && this.judge(key, parent) === 'user') return this.users.get(String(value)) ?? this.user(String(value));
    if (typeof value === 'number') return this.users.get(String(value)) ?? value;
    return this.users.get(value) ?? this.addresses.get(value) ?? (looksUrl(value) ? hideInUrl(value, this) : hideInText(value, this));
  }
}

function looksUrl(text: string): boolean {
  return /^(?:https?:\/)?\/\S*$/i.test(text);
}

function endsWithExtension(path: FieldValue, extension: string): boolean {
  return typeof path === 'string' && path.endsWith(`.${extension}`);
}
