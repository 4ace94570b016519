import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isbot } from 'isbot';
import { parse as parseYaml } from 'yaml';
import { slot, type FieldName } from '#ecs';
import { BoundedCache } from '../../bounded-cache.js';
import type { Enricher } from '../enricher.js';
import { buildMatcher, type Matcher, type UaPattern } from './matcher.js';

const AGENT = slot['user_agent.original'];
const NAME = slot['user_agent.name'];
const VERSION = slot['user_agent.version'];
const OS = slot['user_agent.os.name'];
const OS_VERSION = slot['user_agent.os.version'];
const OS_FULL = slot['user_agent.os.full'];
const BOT = slot['gatewatch.source.bot'];
const fields: readonly FieldName[] = [
  'user_agent.name',
  'user_agent.version',
  'user_agent.os.name',
  'user_agent.os.version',
  'user_agent.os.full',
  'gatewatch.source.bot',
];
/** Longer agents are cut before matching: the expressions of uap-core are not all linear. */
const maxAgent = 512;

interface Agent {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly os: string | undefined;
  readonly osVersion: string | undefined;
  readonly bot: boolean;
}

interface Matchers {
  readonly agents: Matcher;
  readonly systems: Matcher;
}

/** Name, version and system of the client by the expressions of uap-core, which Elasticsearch uses too, and whether it calls itself a bot. */
export function userAgent(): Enricher {
  const known = new BoundedCache<Agent>(10_000);
  let matchers: Matchers | undefined;
  return {
    name: 'user-agent',
    fields,
    enrich({ values }) {
      const original = values[AGENT];
      if (typeof original !== 'string') return;
      const text = original.length > maxAgent ? original.slice(0, maxAgent) : original;
      let agent = known.get(text);
      if (agent === undefined) {
        matchers ??= loadMatchers();
        agent = readAgent(text, matchers);
        known.set(text, agent);
      }
      values[BOT] ??= agent.bot;
      if (values[NAME] !== undefined) return;
      values[NAME] = agent.name;
      values[VERSION] = agent.version;
      if (agent.os === undefined || values[OS] !== undefined) return;
      values[OS] = agent.os;
      values[OS_VERSION] = agent.osVersion;
      values[OS_FULL] = agent.osVersion === undefined ? agent.os : `${agent.os} ${agent.osVersion}`;
    },
    version: () => (createRequire(import.meta.url)('uap-core/package.json') as { version?: string }).version,
  };
}

function readAgent(text: string, { agents, systems }: Matchers): Agent {
  const agent = agents(text);
  const system = systems(text);
  return { name: agent?.family ?? 'Other', version: agent?.version, os: system?.family, osVersion: system?.version, bot: isbot(text) };
}

function loadMatchers(): Matchers {
  const file = createRequire(import.meta.url).resolve('uap-core/regexes.yaml');
  const data = parseYaml(readFileSync(file, 'utf8')) as { user_agent_parsers: UaPattern[]; os_parsers: UaPattern[] };
  return {
    agents: buildMatcher(data.user_agent_parsers, ['family_replacement', 'v1_replacement', 'v2_replacement', 'v3_replacement']),
    systems: buildMatcher(data.os_parsers, ['os_replacement', 'os_v1_replacement', 'os_v2_replacement', 'os_v3_replacement']),
  };
}
