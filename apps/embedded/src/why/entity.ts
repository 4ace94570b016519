import type { FieldIndex, FieldValue } from '#ecs';
import { maskAddress } from '#detection';

/** Whom a question is about: a value of the rule's group-by, or `field=value`. */
export interface Entity {
  readonly text: string;
  /** Slot and value where a field was named. */
  readonly named: { readonly slot: number; readonly value: string } | undefined;
  /** Whether a group of these values is the entity's. */
  isGroup(values: readonly string[]): boolean;
}

/** Addresses of IPv6 are also known by the network that rules group them by. */
export function readEntity(text: string, index: FieldIndex, ipv6Prefix: number): Entity {
  const field = /^([A-Za-z_@][\w.@-]*)=(.*)$/s.exec(text);
  const slot = field?.[1] === undefined ? undefined : index.find(field[1]);
  const value = slot === undefined ? text : (field?.[2] ?? '');
  const masked = value.includes(':') ? maskAddress(value, ipv6Prefix) : value;
  return {
    text,
    named: slot === undefined ? undefined : { slot, value },
    isGroup: (values) => values.some((one) => one === value || one === masked) || values.join(' · ') === value,
  };
}

export function asText(value: FieldValue): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  return 'lat' in value ? `${value.lat},${value.lon}` : value.join(',');
}
