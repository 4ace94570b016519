import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { JsonLines } from '../json/json-lines.js';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from './load-rules.js';

const word = fc.string({ unit: fc.constantFrom('a', 'B', '"', '\\', '/', 'é', 'K', '\n', '*', ' '), minLength: 1, maxLength: 4 });

describe('the gate before keyword searches', () => {
  it('lets through every line that a keyword is found in, however JSON writes it', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 3 }),
        fc.array(
          fc.tuple(fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', '/', 'É', '\u212a', '\n', 'k'), maxLength: 8 }), fc.boolean()),
          { maxLength: 3 },
        ),
        fc.boolean(),
        (keywords, texts, negated) => {
          const detection = { k: keywords, s: { x: 1 }, condition: negated ? 's and not k' : 's and k' };
          const index = new FieldIndex();
          const file = { file: 'a.yml', text: JSON.stringify({ title: 'T', id: 't', detection }) };
          const { rules, problems } = loadRules([file], { index, ruleTypes });
          expect(problems).toEqual([]);
          const { fields, readsAllText: allText, mayHoldKeyword } = rules.matcher;
          const written = texts.map(([text, hex]) => (hex ? `"${[...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"` : JSON.stringify(text).replaceAll('/', '\\/'))); // prettier-ignore
          const line = `{"x":1,"list":[${written.join(',')}]}\n`;
          if (mayHoldKeyword?.(Buffer.from(line).toString('latin1')) === false) refused++;
          const [gated, plain] = [mayHoldKeyword, undefined].map((gate) => {
            const found: number[] = [];
            new JsonLines({ index, fields, allText, mayHoldKeyword: gate, source: 's', tag: 't' }).read(Buffer.from(line), 0, {
              event: ({ values }) => found.push(rules.matcher.match(values, new Int32Array(1))),
              rejected: ({ message }) => expect.unreachable(message),
            });
            return found;
          });
          expect(gated).toEqual(plain);
        },
      ),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});
