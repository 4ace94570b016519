import type { Place } from './documents.js';
import { all, any, not, type Expression } from './expression.js';
import { compileField, type Scope } from './field-test.js';

/** Sigma modifier of each operator of a SCIM filter (RFC 7644, section 3.4.2.2, table 3). */
const operators: Readonly<Record<string, string>> = { eq: '', ne: '', co: '|contains', sw: '|startswith', ew: '|endswith', gt: '|gt', ge: '|gte', lt: '|lt', le: '|lte' }; // prettier-ignore
const maxDepth = 64;

/**
 * Compiles a filter expression of Okta's System Log, which Okta publishes its detections in (`detection.okta_systemlog.OIE`): SCIM filters, RFC 7644 section 3.4.2.2, `and`
 * before `or`. Undefined when a problem was noted.
 */
export function compileScimFilter(text: string, scope: Scope, place: Place): Expression | undefined {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g) ?? [];
  let at = 0;
  let depth = 0;
  const fail = (message: string): undefined =>
    place.fail(`${message} in the filter, near '${tokens.slice(Math.max(0, at - 2), at + 1).join(' ')}'`);
  const list = (word: string, next: () => Expression | undefined): Expression | undefined => {
    const parts: Expression[] = [];
    do {
      const part = next();
      if (!part) return undefined;
      parts.push(part);
    } while (tokens[at]?.toLowerCase() === word && ++at);
    return word === 'or' ? any(parts) : all(parts);
  };
  const or = (): Expression | undefined => list('or', () => list('and', unary));
  const unary = (): Expression | undefined => {
    if (++depth > maxDepth) return fail(`nested more than ${maxDepth} deep`);
    const negated = tokens[at]?.toLowerCase() === 'not' && ++at > 0;
    const inner = tokens[at] === '(' ? group() : test();
    depth--;
    return inner && (negated ? not(inner) : inner);
  };
  const group = (): Expression | undefined => {
    at++;
    const inner = or();
    if (!inner) return undefined;
    return tokens[at++] === ')' ? inner : fail(`a ')' is missing`);
  };
  const test = (): Expression | undefined => {
    const [field, word = '', value] = tokens.slice(at, at + 3);
    const operator = word.toLowerCase();
    if (field === undefined || !/^[\w.$-]+$/.test(field)) return fail(`expected the name of a field, got '${field ?? 'the end'}'`);
    if (operator === 'pr') {
      at += 2;
      return compileField(`${field}|exists`, true, scope, place);
    }
    if (!Object.hasOwn(operators, operator))
      return fail(`unknown operator '${word}', expected one of ${Object.keys(operators).join(', ')}, pr`);
    const read = valueOf(value);
    if (read === undefined) return fail(`expected a text, a number, true, false or null, got '${value ?? 'the end'}'`);
    at += 3;
    const compiled = compileField(`${field}${operators[operator]!}`, read, scope, place);
    return compiled && (operator === 'ne' ? not(compiled) : compiled);
  };
  const whole = or();
  if (whole && at < tokens.length) return fail('expected and, or, or the end');
  return whole;
}

/** A text is escaped: SCIM has no wildcards. */
function valueOf(token: string | undefined): string | number | boolean | null | undefined {
  if (token === undefined) return undefined;
  if (token === 'true' || token === 'false') return token === 'true';
  if (token === 'null') return null;
  if (/^-?\d+(?:\.\d+)?$/.test(token)) return Number(token);
  if (!/^"(?:[^"\\]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*"$/.test(token)) return undefined;
  return (JSON.parse(token) as string).replace(/[\\*?]/g, '\\$&');
}
