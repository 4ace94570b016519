import { printable } from './printable.js';

const colours: Readonly<Record<string, string>> = { error: '\u001b[31m', warn: '\u001b[33m', info: '\u001b[32m', debug: '\u001b[90m' };
const dim = '\u001b[2m';
const reset = '\u001b[0m';

/**
 * One JSON line of the logger as a person reads it: `21:53:18.123 warn   Source fell silent.  source=edge after=5m`.
 * Everything that came in a fact is made printable: colours are ours alone.
 */
export function prettyLine(json: string, coloured: boolean): string {
  const { '@timestamp': time, 'log.level': level, message, ...facts } = JSON.parse(json) as Record<string, unknown>;
  const paint = (colour: string, text: string): string => (coloured ? `${colour}${text}${reset}` : text);
  const clock = String(time).slice(11, 23);
  const word = String(level);
  const details = Object.entries(facts).map(([key, value]) => `${paint(dim, `${printable(key)}=`)}${prettyValue(value)}`);
  const head = `${paint(dim, clock)} ${paint(colours[word] ?? '', word.padEnd(5))}  ${printable(String(message))}`;
  return `${[head, ...details].join('  ')}\n${stackOf(facts)}`;
}

function prettyValue(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/@+-]+$/.test(value) ? value : printable(JSON.stringify(value));
  if (isError(value)) return printable(`${value.type}: ${value.message}`);
  return printable(JSON.stringify(value));
}

function stackOf(facts: Readonly<Record<string, unknown>>): string {
  const stacks = Object.values(facts).flatMap((value) => (isError(value) && typeof value.stack === 'string' ? [value.stack] : []));
  return stacks
    .flatMap((stack) => stack.split('\n').filter((line) => line.startsWith('    at ')))
    .map((line) => `${printable(line)}\n`)
    .join('');
}

function isError(value: unknown): value is { type: string; message: string; stack?: unknown } {
  return typeof value === 'object' && value !== null && 'type' in value && 'message' in value;
}
