import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check, circles, ownersOf, report, type Violation } from './architecture.js';
import { filesBelow, root } from './files.js';
import { exceptions, testPackages, type Law } from './law.js';

const files = [...filesBelow('apps', '.ts'), ...filesBelow('libs', '.ts')];
const violations = files.flatMap((file) => check(file, readFileSync(root + file, 'utf8')));

function isExcepted({ file, law }: Violation): boolean {
  return exceptions.some((exception) => exception.file === file && exception.law === law);
}

describe('the house', () => {
  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(30);
  });

  it.each<[Law, string]>([
    ['import', 'imports only what the law allows'],
    ['door', 'goes through doors'],
    ['package', 'gives every outside package one owner'],
    ['environment', 'reads the environment in one place'],
    ['clock', 'reads the clock in one place'],
    ['export-star', 'names what it exports'],
    ['size', 'keeps files short'],
    ['name', 'names files after what they hold'],
  ])('%s: %s', (law) => {
    expect(report(violations.filter((violation) => violation.law === law && !isExcepted(violation)))).toBe('');
  });

  it('has no files that import each other in a circle, not even types', () => {
    const own = files.filter((file) => !/\.(spec|contract)\.ts$/.test(file));
    expect(circles(new Map(own.map((file) => [file, readFileSync(root + file, 'utf8')])))).toEqual([]);
  });

  it('needs every exception that it lists, and says why', () => {
    const unneeded = exceptions.filter(
      ({ file, law }) => !violations.some((violation) => violation.file === file && violation.law === law),
    );
    expect(unneeded.map(({ file, law }) => `${file}: ${law}`)).toEqual([]);
    expect(exceptions.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });

  it('has an owner for every dependency of package.json', () => {
    const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).filter((name) => !ownersOf(name) && !testPackages.includes(name))).toEqual([]);
  });
});

describe('the checker', () => {
  const laws = (file: string, text: string): string => report(check(file, text));

  it.each([
    ['libs/ingest/src/a.ts', `import { x } from '#detection';`, 'ingest may not import detection'],
    ['libs/ecs/src/a.ts', `import type { Clock } from '#time';`, 'ecs may not import time; it may import: nothing of ours'],
    ['libs/local/src/a.ts', `import { buildIngest } from '#ingest';`, 'local may import only types of ingest'],
    ['libs/local/src/a.ts', `import { type A, build } from '#ingest';`, 'local may import only types of ingest'],
    ['libs/local/src/a.ts', `import '#ingest';`, 'local may import only types of ingest'],
    ['libs/alerting/src/a.ts', `const x = await import('#local');`, 'alerting may not import local'],
    ['libs/query/src/a.ts', `export { x } from '#alerting';`, 'query may not import alerting'],
    ['libs/query/src/a.ts', `type X = import('#alerting').X;`, 'query may not import alerting'],
    ['libs/query/src/a.ts', `import { FakeClock } from '#testkit';`, 'only tests may import testkit'],
    ['apps/embedded/src/a.ts', `import { FakeClock } from '#testkit';`, 'only tests may import testkit'],
    ['libs/ingest/src/a.ts', `import { x } from '../../ecs/src/event.js';`, 'libs/ingest reaches into libs/ecs'],
    ['apps/ingest/src/a.ts', `import { x } from '../../console/src/console.module.js';`, 'apps/ingest reaches into apps/console'],
    ['apps/embedded/src/a.ts', `import { x } from '../../console/src/keys.js';`, 'apps/embedded reaches into apps/console'],
  ])('%s: %s', (file, text, message) => {
    expect(laws(file, text)).toContain(`${file}:1  import: ${message}`);
  });

  it.each([
    ['libs/ingest/src/a.ts', `import { x } from '#ingest';`, 'door'],
    ['libs/ingest/src/formats/a.ts', `import { x } from '../index.js';`, 'door'],
    ['libs/ingest/src/a.ts', `import { x } from '#ecs/event';`, 'door'],
    ['libs/ingest/src/a.ts', `import { Injectable } from '@nestjs/common';`, 'package'],
    ['libs/local/src/a.ts', `import nodemailer from 'nodemailer';`, 'package'],
    ['libs/ingest/src/enrichers/user-agent/a.ts', `import geoip from 'geoip-lite';`, 'package'],
    ['libs/ingest/src/a.ts', `import { it } from 'vitest';`, 'package'],
    ['libs/ingest/src/a.ts', `import leftPad from 'left-pad';`, 'package'],
    ['libs/ingest/src/a.ts', `import { readFileSync } from 'fs';`, 'package'],
    ['libs/ingest/src/a.ts', `const home = process.env.HOME;`, 'environment'],
    ['apps/embedded/src/main.ts', `const { HOME } = process.env;`, 'environment'],
    ['libs/ingest/src/a.ts', `const now = Date.now();`, 'clock'],
    ['libs/ingest/src/a.ts', `const now = Date.now;`, 'clock'],
    ['libs/ingest/src/a.ts', `const now = new Date();`, 'clock'],
    ['libs/ingest/src/a.ts', `const now = new Date;`, 'clock'],
    ['libs/ingest/src/a.ts', `setTimeout(() => {}, 5);`, 'clock'],
    ['apps/embedded/src/a.ts', `setInterval(() => {}, 5);`, 'clock'],
    ['libs/ingest/src/a.ts', `import { setTimeout as sleep } from 'node:timers/promises';`, 'clock'],
    ['libs/ingest/src/a.ts', `const t = performance.now();`, 'clock'],
    ['libs/ingest/src/a.ts', `const t = process.hrtime.bigint();`, 'clock'],
    ['libs/ingest/src/a.ts', `const id = Math.random();`, 'clock'],
    ['libs/ingest/src/index.ts', `export * from './ingest.js';`, 'export-star'],
    ['libs/ingest/src/string-utils.ts', '', 'name'],
    ['libs/ingest/src/utils/split.ts', '', 'name'],
    ['libs/ingest/src/ingest.service.ts', '', 'name'],
    ['libs/ingest/src/kafkaSource.ts', '', 'name'],
    ['libs/ingest/src/types.ts', '', 'name'],
  ])('%s: %s breaks %s', (file, text, law) => {
    expect(laws(file, text)).toMatch(new RegExp(`^${file.replaceAll('.', '\\.')}:\\d+ {2}${law}: [^\\n]+$`));
  });

  it('finds circles, through types and re-exports too', () => {
    const texts = {
      'libs/ecs/src/a.ts': `import { b } from './b.js';`,
      'libs/ecs/src/b.ts': `export { c } from './deep/c.js';`,
      'libs/ecs/src/deep/c.ts': `import type { A } from '../a.js';`,
      'libs/ecs/src/d.ts': `import { b } from './b.js';`,
    };
    expect(circles(new Map(Object.entries(texts)))).toEqual([
      'libs/ecs/src/a.ts -> libs/ecs/src/b.ts -> libs/ecs/src/deep/c.ts -> libs/ecs/src/a.ts',
    ]);
  });

  it('counts lines', () => {
    expect(laws('libs/ingest/src/a.ts', 'x;\n'.repeat(301))).toBe('libs/ingest/src/a.ts:301  size: 301 lines; at most 300');
    expect(laws('libs/ingest/src/a.ts', 'x;\n'.repeat(300))).toBe('');
    expect(laws('libs/ingest/src/a.spec.ts', 'x;\n'.repeat(301))).toBe('');
  });

  it('names the line', () => {
    expect(laws('libs/ecs/src/a.ts', `\n\nconst a = 1;\nimport { b } from '#time';`)).toMatch(/^libs\/ecs\/src\/a\.ts:4 {2}/);
  });

  it.each([
    [
      'libs/local/src/a.ts',
      `import type { EventSink } from '#ingest';\nimport { type TaskStore } from '#detection';\nimport lmdb from 'lmdb';`,
    ],
    [
      'libs/ingest/src/a.ts',
      `import { Event } from '#ecs';\nimport { z } from 'zod';\nimport { x } from './b.js';\nimport { join } from 'node:path';`,
    ],
    [
      'libs/ingest/src/a.spec.ts',
      `import { FakeClock } from '#testkit';\nimport { openStore } from '#local';\nimport { it } from 'vitest';\nnew Date();`,
    ],
    ['libs/ingest/src/a.ts', `const at = new Date(event.time);\n// Date.now() in a comment\nconst text = 'process.env';`],
    ['libs/local/src/a.laws.spec.ts', `import { sinkContract } from '../../ingest/src/event-sink.contract.js';`],
    ['libs/time/src/clock.ts', `export const now = () => Date.now();`],
    ['libs/config/src/environment.ts', `export const env = process.env;`],
    [
      'apps/embedded/src/main.ts',
      `import { x } from '../../console/src/console.module.js';\nimport { Module } from '@nestjs/common';\nimport { y } from '#local';`,
    ],
    ['apps/embedded/src/ingest.module.ts', ''],
  ])('has nothing against %s', (file, text) => {
    expect(laws(file, text)).toBe('');
  });
});
