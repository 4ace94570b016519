import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, ServiceError } from '#telemetry';
import type { Clock, Millis } from '#time';
import { changeKeys, keyName, readKeys, writeWhole, type Scope, type StoredKey } from './key-file.js';
import { WrongKeys } from './wrong-keys.js';

/** A key as it may be shown: never the key itself, nor its hash. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly created: string;
  /** To the minute. */
  readonly lastUsed?: string;
  readonly revoked?: string;
}

/** A new key with its text, which is shown once and kept nowhere. */
export interface NewKey extends Key {
  readonly text: Secret;
}

export type Verdict =
  | { readonly outcome: 'accepted'; readonly key: Key }
  | { readonly outcome: 'unknown' }
  /** Too many wrong keys from this address. */
  | { readonly outcome: 'throttled'; readonly retryAfter: Millis };

export interface KeyRingParts {
  /** The data directory: keys are in `keys.json` there. */
  readonly directory: string;
  readonly clock: Clock;
  /** Makes an admin, a write and a read key when there is no key at all: the service's first start. */
  readonly makeFirst?: boolean;
}

/** How long a change made by another process may go unnoticed, and how coarse `lastUsed` is. */
const lookAgainAfter: Millis = 1000;
const usedGrain: Millis = 60_000;

/** The API keys: 256 random bits each, kept as SHA-256 in a file that only its owner may read. */
export class KeyRing {
  readonly #path: string;
  readonly #usedPath: string | undefined;
  readonly #clock: Clock;
  readonly #wrong = new WrongKeys();
  readonly #used: Map<string, Millis>;
  #usedSaved: Millis;
  #keys: StoredKey[];
  #digests: Buffer[] = [];
  #lookedAt: Millis;
  #stamp: string;

  private constructor(path: string, clock: Clock, usedPath?: string) {
    this.#path = path;
    this.#usedPath = usedPath;
    this.#clock = clock;
    this.#stamp = stampOf(this.#path);
    this.#keys = readKeys(this.#path);
    this.#lookedAt = clock.now();
    this.#usedSaved = clock.now();
    this.#used = usedPath === undefined ? new Map<string, Millis>() : readUsed(usedPath);
    this.#digest();
  }

  /** @throws ServiceError `keys_unreadable`. `made` holds the first keys, to be shown once. */
  static open(parts: KeyRingParts): { ring: KeyRing; made: NewKey[] } {
    const { directory, clock } = parts;
    const ring = new KeyRing(join(directory, 'keys.json'), clock, join(directory, 'keys-used.json'));
    return { ring, made: parts.makeFirst ? ring.makeFirst() : [] };
  }

  /**
   * The keys of one file, wherever it lies: nothing is written until a key is added or revoked, and when a key was used is kept nowhere, so a process that
   * only checks keys needs no more than to read the file. A file that is not there holds no keys, and is found when it comes.
   * @throws ServiceError `keys_unreadable`.
   */
  static ofFile(file: string, clock: Clock): KeyRing {
    return new KeyRing(file, clock);
  }

  /** Makes an admin, a write and a read key when there is no key at all; otherwise none. */
  makeFirst(): NewKey[] {
    if (this.#keys.length > 0) return [];
    return [this.add('first admin', 'admin'), this.add('first write', 'logs:write'), this.add('first read', 'read')];
  }

  /** @throws ServiceError `key_name_invalid`, `key_name_taken`. */
  add(name: string, scope: Scope): NewKey {
    const checked = keyName.safeParse(name);
    if (!checked.success)
      throw new ServiceError(
        'key_name_invalid',
        `The key name ${JSON.stringify(name.slice(0, 80))}: ${checked.error.issues[0]?.message ?? ''}.`,
      );
    const text = `gw_${randomBytes(32).toString('base64url')}`;
    const created = new Date(this.#clock.now()).toISOString();
    const key: StoredKey = { id: randomBytes(4).toString('hex'), name, scope, hash: digest(text).toString('hex'), created };
    this.#change((keys) => {
      if (keys.some((other) => other.name === name && !other.revoked))
        throw new ServiceError('key_name_taken', `There is a key named "${name}" already. Choose another name, or revoke that key first.`);
      return [...keys, key];
    });
    return { ...this.#shown(key), text: new Secret(text) };
  }

  list(): Key[] {
    this.#lookAgain();
    return this.#keys.map((key) => this.#shown(key));
  }

  /** By id, or by the name of a key that is still good. A revoked key stays in the list. `undefined`: there is none. */
  revoke(idOrName: string): Key | undefined {
    const revoked = new Date(this.#clock.now()).toISOString();
    let found: StoredKey | undefined;
    this.#change((keys) =>
      keys.map((key) => {
        if (key.id !== idOrName && (key.name !== idOrName || key.revoked)) return key;
        found = key.revoked ? key : { ...key, revoked };
        return found;
      }),
    );
    return found && this.#shown(found);
  }

  /** Says whose key this is. Every kept key is compared, in constant time, whatever the first ones said. */
  verify(presented: string, address: string): Verdict {
    this.#lookAgain();
    const asked = digest(presented);
    let match = -1;
    for (let i = 0; i < this.#digests.length; i++) if (timingSafeEqual(this.#digests[i]!, asked)) match = i;
    const key = this.#keys[match];
    if (key && !key.revoked) {
      this.#touch(key.id);
      return { outcome: 'accepted', key: this.#shown(key) };
    }
    const retryAfter = this.#wrong.add(address, this.#clock.now());
    return retryAfter === undefined ? { outcome: 'unknown' } : { outcome: 'throttled', retryAfter };
  }

  /** Saves when keys were last used. */
  close(): void {
    if (this.#usedPath !== undefined && this.#used.size > 0)
      writeWhole(this.#usedPath, JSON.stringify(Object.fromEntries(this.#used)) + '\n');
  }

  #touch(id: string): void {
    const now = this.#clock.now();
    this.#used.set(id, now - (now % usedGrain));
    if (now - this.#usedSaved < usedGrain) return;
    this.#usedSaved = now;
    this.close();
  }

  #shown({ id, name, scope, created, revoked }: StoredKey): Key {
    const used = this.#used.get(id);
    return { id, name, scope, created, ...(used !== undefined && { lastUsed: new Date(used).toISOString() }), ...(revoked && { revoked }) };
  }

  #change(change: (keys: StoredKey[]) => StoredKey[]): void {
    this.#keys = changeKeys(this.#path, change);
    this.#stamp = stampOf(this.#path);
    this.#digest();
  }

  #lookAgain(): void {
    const now = this.#clock.now();
    if (now - this.#lookedAt < lookAgainAfter) return;
    this.#lookedAt = now;
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return;
    this.#keys = readKeys(this.#path);
    this.#stamp = stamp;
    this.#digest();
  }

  #digest(): void {
    this.#digests = this.#keys.map(({ hash }) => Buffer.from(hash, 'hex'));
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

// Inode and time: a file renamed over another has another inode even within one tick of the file system's clock.
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.ino}:${stat.mtimeMs}:${stat.size}` : 'none';
}

// When a key was last used is a convenience: a damaged file costs only that.
function readUsed(path: string): Map<string, Millis> {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, Millis] => typeof entry[1] === 'number'));
  } catch {
    return new Map();
  }
}
