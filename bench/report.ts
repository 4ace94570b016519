import { cpus, totalmem } from 'node:os';
import type { Ratio } from './measure.js';

/** Rows under a heading; the first column is text, the others are aligned to the right. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export type Verdict = 'aim' | 'must' | 'missed';

/** What became of a goal. */
export type Outcome =
  | {
      readonly measured: true;
      /** The figure that the goal is about. */
      readonly figure: number;
      readonly shown: string;
      readonly verdict: Verdict;
      readonly tables: readonly Table[];
      /** What was run, on what. */
      readonly notes: readonly string[];
      /** What the figure cannot exceed, and why. */
      readonly bound: string;
    }
  | { readonly measured: false; readonly reason: string };

export function render({ head, rows }: Table): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)]
    .map((text) => `  ${text.trimEnd()}`)
    .join('\n');
}

export const atLeast = (figure: number, must: number, aim: number): Verdict => (figure >= aim ? 'aim' : figure >= must ? 'must' : 'missed');
export const atMost = (figure: number, must: number, aim: number): Verdict => (figure <= aim ? 'aim' : figure <= must ? 'must' : 'missed');

export function amount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

export const secondsOf = (value: number): string => `${value.toFixed(2)} s`;
export const millisOf = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
export const times = (value: number): string => `${value.toFixed(2)} ×`;
export const spread = ({ median, least, most }: Ratio): string => `${times(median)} (${least.toFixed(2)}–${most.toFixed(2)})`;

export function machine(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux, Node ${process.versions.node}`;
}
