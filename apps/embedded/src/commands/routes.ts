import type { Command } from 'commander';
import { loadRules, ruleTypes } from '#detection';
import { FieldIndex, slot } from '#ecs';
import { buildRouteLearner, type LearnedRoute } from '#ingest';
import { printable } from '#telemetry';
import { addEventInputOptions, openEventInput, type EventInputOptions } from '../backtest/event-input.js';
import { requireAnalysisConfig } from './analysis-config.js';
import { CommandError, type Io } from './io.js';

interface LearnOptions extends EventInputOptions {
  readonly least: string;
  readonly config?: string;
  readonly json?: boolean;
}

const [path, status] = [slot['url.path'], slot['http.response.status_code']];

export function addRoutes(program: Command, io: Io): void {
  const routes = program.command('routes').description('Routes of the API: what stands for an object in a path.');
  const learn = routes
    .command('learn')
    .description('Finds slugs in answered calls, by how many different ones there are, and prints templates for ingest.routes.templates.')
    .argument('[files...]', 'log files, plain or gzip; - is standard input')
    .option('--least <number>', 'so many different texts at one place are slugs', '50')
    .option('--json', 'the routes as JSON');
  addEventInputOptions(learn).action(async (files: string[], options: LearnOptions) => {
    const least = Number(options.least);
    if (!Number.isInteger(least) || least < 2) throw new CommandError(`--least: "${options.least}" is no whole number from 2`);
    const input = await openEventInput(files, options, { config: await requireAnalysisConfig(options.config, io), io });
    try {
      const learner = buildRouteLearner({ least });
      const index = new FieldIndex();
      const { rules } = loadRules([], { index, ruleTypes });
      let calls = 0;
      await input.run({
        rules,
        index,
        slots: [path, status],
        onSignal: () => undefined,
        onEvent: ({ values }) => {
          const [called, code] = [values[path], values[status]];
          // What was refused or not found says what others guess, not what there is.
          if (typeof called !== 'string' || !called.startsWith('/') || typeof code !== 'number' || code < 200 || code >= 400) return;
          calls++;
          learner.add(called);
        },
      });
      const found = learner.routes();
      await io.out(
        options.json ? `${JSON.stringify({ calls, left_out: learner.leftOut, routes: found }, undefined, 2)}\n` : render(found, calls),
      );
    } finally {
      await input.close();
    }
  });
}

/** A piece of configuration. Examples come out of log lines: they stand in comments, printable and short. */
function render(routes: readonly LearnedRoute[], calls: number): string {
  const seen = `${calls.toLocaleString('en-US')} answered calls`;
  if (routes.length === 0) return `# No slugs found in ${seen}: the text of paths says what their routes are.\n`;
  const lines = routes.map(({ template, calls: own, different, examples }) => {
    const some = examples.map((text) => printable(text.slice(0, 40))).join(', ');
    return `      - ${quoted(template)} # ${own.toLocaleString('en-US')} calls, ${different.toLocaleString('en-US')} different: ${some}`;
  });
  return `# Found in ${seen}. Take what is right into gatewatch.yml, and give objects a better name than slug.\n${['ingest:', '  routes:', '    templates:', ...lines].join('\n')}\n`;
}

/** Within double quotes YAML reads what JSON writes. */
function quoted(text: string): string {
  return /^[\w/{}.~-]+$/.test(text) ? `'${text}'` : JSON.stringify(printable(text));
}
