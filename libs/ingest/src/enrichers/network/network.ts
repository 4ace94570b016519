import ipaddr from 'ipaddr.js';
import { slot, type FieldName } from '#ecs';
import { BoundedCache } from '../../bounded-cache.js';
import type { Enricher } from '../enricher.js';

/** Where an address belongs by IANA's special-purpose registries (RFC 6890). */
export type NetworkClass = 'public' | 'private' | 'loopback' | 'link_local' | 'reserved';

const IP = slot['source.ip'];
const CLASS = slot['gatewatch.source.network_class'];
const fields: readonly FieldName[] = ['gatewatch.source.network_class'];

/** Class of `source.ip`: needs no data and no settings. */
export function network(): Enricher {
  const known = new BoundedCache<NetworkClass>(16_384);
  return {
    name: 'network',
    fields,
    enrich({ values }) {
      const ip = values[IP];
      if (typeof ip !== 'string' || values[CLASS] !== undefined) return;
      let found = known.get(ip);
      if (found === undefined) {
        found = networkClass(ip);
        if (found === undefined) return;
        known.set(ip, found);
      }
      values[CLASS] = found;
    },
  };
}

/** `undefined` for text that is no address. Carrier-grade NAT (100.64/10) counts as private: it is never seen from outside. */
export function networkClass(ip: string): NetworkClass | undefined {
  if (!ipaddr.isValid(ip)) return undefined;
  const range = ipaddr.process(ip).range();
  if (range === 'unicast') return 'public';
  if (range === 'private' || range === 'uniqueLocal' || range === 'carrierGradeNat') return 'private';
  if (range === 'loopback') return 'loopback';
  return range === 'linkLocal' ? 'link_local' : 'reserved';
}
