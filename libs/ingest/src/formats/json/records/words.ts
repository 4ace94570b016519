import type { JsonValue } from '#ecs';
import { compileWordTest } from './condition.js';
import type { JsonScalar } from './condition.js';
import type { Words } from './record-map.js';
import { valueAt, valuePath } from './value-path.js';

/** Our word for what a record says in theirs; `undefined` where it says nothing that is known. */
export function compileWords({ from, of }: Words): (record: JsonValue) => JsonScalar | undefined {
  const places = (typeof from === 'string' ? [from] : from).map(valuePath);
  // Words of one meaning are one test: a table has many words and few meanings.
  const meanings = new Map<JsonScalar, string[]>();
  for (const [theirs, ours] of Object.entries(of)) meanings.set(ours, [...(meanings.get(ours) ?? []), theirs]);
  const tests = [...meanings].map(([ours, theirs]) => ({ ours, holds: compileWordTest(theirs) }));
  return (record) => {
    for (const place of places) {
      const value = valueAt(record, place);
      if (value === undefined) continue;
      for (const { ours, holds } of tests) if (holds(value)) return ours;
    }
    return undefined;
  };
}
