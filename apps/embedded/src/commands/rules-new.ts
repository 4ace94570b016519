import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { caseJsonSchema, pipelineJsonSchema, ruleJsonSchema, ruleTypes } from '#detection';
import { CommandError, exitCodes, type Io } from './io.js';

export function addNew(rules: Command, io: Io): void {
  rules
    .command('new')
    .description('makes a folder with a rule and its cases, to be filled in')
    .argument('<name>', 'lower case, words joined by -')
    .option('--in <folder>', 'where to put it', 'rules')
    .action(async (name: string, { in: folder }: { in: string }) => {
      if (!/^[a-z][a-z\d]*(?:-[a-z\d]+)*$/.test(name)) throw new CommandError(`"${name}" is no name; write for example login-burst`);
      const target = join(folder, name);
      if (existsSync(target)) throw new CommandError(`${target} is there already`, exitCodes.badInput);
      mkdirSync(target, { recursive: true });
      writeFileSync(join(target, 'rule.yml'), ruleText(name));
      writeFileSync(join(target, 'cases.yml'), casesText(name));
      await io.out(`${target}: rule.yml and cases.yml\nTry it: gatewatch rules test --no-shipped ${target}\n`);
    });
  rules
    .command('schema')
    .description('prints the JSON Schema of rule files, for editors')
    .argument('[kind]', 'rule, cases or pipeline', 'rule')
    .action(async (kind: string) => {
      const schemas: Readonly<Record<string, () => object>> = {
        rule: () => ruleJsonSchema(ruleTypes),
        cases: caseJsonSchema,
        pipeline: pipelineJsonSchema,
      };
      if (!Object.hasOwn(schemas, kind)) throw new CommandError(`"${kind}" has no schema; write rule, cases or pipeline`);
      await io.out(`${JSON.stringify(schemas[kind]!(), null, 2)}\n`);
    });
}

function ruleText(name: string): string {
  const title = name.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());
  const snake = name.replaceAll('-', '_');
  return `title: ${title}, one event
id: ${randomUUID()}
name: ${snake}_event
description: What one event must have.
level: informational
detection:
  selection:
    http.response.status_code: 403
  condition: selection
---
title: ${title}
id: ${randomUUID()}
name: ${snake}
status: experimental
description: What it finds, and why that matters.
author: Your name
level: medium
tags:
  - attack.discovery
  - attack.t1595
falsepositives:
  - Who else does this, and how to tell.
correlation:
  type: event_count
  rules:
    - ${snake}_event
  group-by:
    - source.ip
  timespan: 5m
  condition:
    gte: 10
gatewatch:
  runbook: What to look at first, and what to do.
  known_gaps:
    - What it does not find.
`;
}

function casesText(name: string): string {
  const snake = name.replaceAll('-', '_');
  return `fields:
  source.ip: 203.0.113.7
  http.response.status_code: 403
cases:
  - name: ten within five minutes
    about: ${snake}
    kind: fires
    events:
      - { at: 0s, repeat: { times: 10, every: 20s } }
    signals:
      - { rule: ${snake}, group: 203.0.113.7, count: 10 }
  - name: nine within five minutes
    about: ${snake}
    kind: near_miss
    events:
      - { at: 0s, repeat: { times: 9, every: 20s } }
  - name: ten that succeed
    about: ${snake}
    kind: quiet
    events:
      - { at: 0s, repeat: { times: 10, every: 20s }, http.response.status_code: 200 }
`;
}
