import type { JsonObject, JsonValue } from '#ecs';
import { failed, type Failure } from '../../failure.js';
import type { LogEvent } from '../../log-event.js';
import { isSecret, redacted } from '../../redact/redact.js';
import { keepExtra, slotValue, unfit, wrongType } from './json-values.js';
import type { KeyNode, Meaning } from './key-tree.js';
import { maxDepth, maxKeys } from './mapping.js';

/** A value whose meaning needs others to be known first. */
export interface Role {
  readonly value: JsonValue;
  readonly rank: number;
  readonly path: string;
}

/** What one pass over a document found beside the slots it filled. */
export class Walk {
  readonly roles = new Map<string, Role>();
  private readonly ranks = new Map<number, number>();
  private keys = 0;

  constructor(private readonly event: LogEvent) {}

  /** An inner document without a time of its own takes that of its wrapper. */
  borrowTime(outer: Walk): void {
    for (const role of ['@time', '@stamp']) {
      const time = outer.roles.get(role);
      if (time && !this.roles.has(role)) this.roles.set(role, time);
    }
  }

  /** Fills slots, collects roles, keeps the rest; stops at the first failure. */
  object(tree: JsonObject, node: KeyNode | undefined, prefix: string, depth: number): Failure | undefined {
    if (depth > maxDepth)
      return failed('too_long', `Expected a JSON object of at most ${maxDepth} levels, found more below "${prefix.slice(0, 60)}".`);
    for (const key of Object.keys(tree)) {
      if (++this.keys > maxKeys) return failed('too_long', `Expected a JSON object of at most ${maxKeys} keys, found more.`);
      const failure = this.value(tree[key]!, node === undefined ? undefined : find(node, key), prefix + key, depth);
      if (failure) return failure;
    }
    return undefined;
  }

  private value(value: JsonValue, node: KeyNode | undefined, path: string, depth: number): Failure | undefined {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (node?.meaning && (!isObject || (node.children === undefined && node.meaning.slot >= 0)))
      return this.known(node.meaning, path, value);
    if (isObject) return this.object(value, node, `${path}.`, depth + 1);
    if (value !== null) keepExtra(this.event, path, value);
    return undefined;
  }

  private known({ slot, role, rank }: Meaning, path: string, value: JsonValue): Failure | undefined {
    if (role !== undefined) {
      const present = this.roles.get(role);
      if (value === null || role === '@ours') return undefined;
      if (present && present.rank <= rank) keepExtra(this.event, path, value);
      else this.roles.set(role, { value, rank, path });
      return undefined;
    }
    if ((this.ranks.get(slot) ?? Infinity) < rank) {
      keepExtra(this.event, path, value);
      return undefined;
    }
    const fit = isSecret(
      path.slice(path.lastIndexOf('.') + 1),
      typeof value === 'string' ? value : JSON.stringify(value),
      this.event.profile?.redaction,
    )
      ? redacted
      : slotValue(slot, value);
    if (fit === unfit) {
      if (rank <= 0 && typeof value !== 'object') return wrongType(path, slot, value);
      keepExtra(this.event, path, value);
    } else if (fit !== undefined) {
      this.event.values[slot] = fit;
      this.ranks.set(slot, rank);
    }
    return undefined;
  }
}

/** The node of a key; a dotted key walks several. Names are known in lower case, and the usual key is in it already. */
function find(parent: KeyNode, key: string): KeyNode | undefined {
  const direct = parent.children?.get(key);
  if (direct) return direct;
  if (key.length > 128) return undefined;
  const lower = key.toLowerCase();
  // Headers keep their hyphens in some logs: `user-agent`.
  return follow(parent, lower) ?? (lower.includes('-') ? follow(parent, lower.replaceAll('-', '_')) : undefined);
}

function follow(parent: KeyNode, key: string): KeyNode | undefined {
  let node: KeyNode | undefined = parent;
  for (const part of key.split('.')) {
    node = node.children?.get(part);
    if (!node) return undefined;
  }
  return node;
}
