import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crowdsecTables } from './outside/crowdsec.js';
import { apacheTable, crsTables } from './outside/crs.js';
import { dayTables } from './outside/day.js';
import { pantherTables } from './outside/panther.js';
import { payloadTables } from './outside/payloads.js';
import { Player } from './outside/play.js';
import { sigmaTables } from './outside/sigma.js';
import { render, type Table } from './report.js';

const usage = `npm run outside -- [FOLDER] [--lines N] [--only crs,payloads,crowdsec,panther,sigma,day]
  FOLDER     sample data of others, with crs/, payloads/, crowdsec/, panther/, sigma/, logs/; without it the generated day alone
  --lines N  lines of the generated day (100000)
`;

interface Part {
  readonly name: string;
  /** Below the folder; a part without one needs no folder. */
  readonly path?: string;
  tables(path: string): Table[] | Promise<Table[]>;
}

function parts(player: Player, lines: number): Part[] {
  return [
    { name: 'crs', path: 'crs', tables: (path) => crsTables(path, player) },
    { name: 'crs', path: 'logs/elastic-examples/apache_logs.gz', tables: (path) => [apacheTable(path, player)] },
    { name: 'payloads', path: 'payloads/httpparams', tables: (path) => payloadTables(path, player) },
    { name: 'panther', path: 'panther', tables: (path) => pantherTables(path, player) },
    { name: 'crowdsec', path: 'crowdsec', tables: (path) => crowdsecTables(path, player) },
    { name: 'sigma', path: 'sigma', tables: (path) => sigmaTables(path) },
    { name: 'day', tables: () => dayTables(player, lines) },
  ];
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { lines: { type: 'string', default: '100000' }, only: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(usage);
  const lines = Number(values.lines);
  if (!Number.isSafeInteger(lines) || lines < 1000) throw new Error(`--lines: expected a whole number from 1000, got "${values.lines}"`);
  const [folder] = positionals;
  const only = values.only?.split(',');
  for (const { name, path, tables } of parts(new Player(), lines)) {
    if (only && !only.includes(name)) continue;
    if (path !== undefined && (folder === undefined || !existsSync(join(folder, path)))) {
      console.log(`${name}: not there: ${folder === undefined ? 'no folder was given' : join(folder, path)}\n`);
      continue;
    }
    for (const table of await tables(join(folder ?? '.', path ?? ''))) console.log(`${render(table)}\n`);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
