import { z } from 'zod';

/**
 * The Compose Specification (compose-spec.io) for what our files use of it, written from its text: strict, so that a key which is misspelt, or which
 * this does not know, is an error. The published JSON schema is not in the tree and no validator for it is among the dependencies.
 */

const text = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** "service_config": a list of `NAME=value`, or a mapping. */
const listOrMapping = z.union([z.array(text), z.record(text, scalar)]);
const command = z.union([text, z.array(z.string())]);
/** Go's durations, as the specification has them: `1m30s`. */
const time = z.string().regex(/^(\d+(us|ms|s|m|h))+$/, 'expected a duration such as 1m30s');
/** Bytes: `512m`, `2gb`. */
const size = z.string().regex(/^\d+(b|k|kb|m|mb|g|gb)$/i, 'expected a size such as 512m');
const extensions = (key: string): boolean => key.startsWith('x-');

const healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.union([
      text,
      z.array(z.string()).refine(([kind]) => ['CMD', 'CMD-SHELL'].includes(kind ?? ''), 'expected CMD or CMD-SHELL first'),
    ]),
    interval: time.optional(),
    timeout: time.optional(),
    retries: z.int().min(1).optional(),
    start_period: time.optional(),
    start_interval: time.optional(),
  }),
]);

const resource = z.strictObject({
  // A string, as YAML would make 1.10 of it.
  cpus: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional(),
  memory: size.optional(),
  pids: z.int().min(1).optional(),
});

const service = z.strictObject({
  image: text.optional(),
  build: z
    .union([text, z.strictObject({ context: text, dockerfile: text.optional(), args: listOrMapping.optional(), target: text.optional() })])
    .optional(),
  pull_policy: z.enum(['always', 'never', 'missing', 'build']).optional(),
  command: command.optional(),
  entrypoint: command.optional(),
  environment: listOrMapping.optional(),
  env_file: z.union([text, z.array(text)]).optional(),
  user: text.optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  restart: z
    .string()
    .regex(/^(no|always|unless-stopped|on-failure(:\d+)?)$/)
    .optional(),
  cap_drop: z.array(text).optional(),
  cap_add: z.array(text).optional(),
  security_opt: z.array(text).optional(),
  logging: z.strictObject({ driver: text, options: z.record(text, z.union([z.string(), z.number()])).optional() }).optional(),
  tmpfs: z.union([text, z.array(text)]).optional(),
  ports: z.array(z.string().regex(/^([\d.]+:)?\d+(-\d+)?:\d+(-\d+)?(\/(tcp|udp))?$/, 'expected [address:]port:port')).optional(),
  volumes: z.array(z.string().regex(/^[^:]+:\/[^:]*(:(ro|rw|z|Z))?$/, 'expected source:/target[:ro]')).optional(),
  ulimits: z.record(text, z.union([z.int(), z.strictObject({ soft: z.int(), hard: z.int() })])).optional(),
  healthcheck: healthcheck.optional(),
  depends_on: z
    .record(
      text,
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
        restart: z.boolean().optional(),
        required: z.boolean().optional(),
      }),
    )
    .optional(),
  cpu_shares: z.int().min(2).max(262_144).optional(),
  stop_grace_period: time.optional(),
  profiles: z.array(text).optional(),
  networks: z.array(text).optional(),
  deploy: z
    .strictObject({
      replicas: z.int().min(0).optional(),
      resources: z.strictObject({ limits: resource.optional(), reservations: resource.optional() }).optional(),
    })
    .optional(),
});

export type ComposeService = z.output<typeof service>;

const name = /^[a-zA-Z0-9._-]+$/;

/** A Compose file. Extensions (`x-…`) are allowed at the top and left out of the result. */
export const composeFile = z.preprocess(
  (file) =>
    typeof file === 'object' && file !== null ? Object.fromEntries(Object.entries(file).filter(([key]) => !extensions(key))) : file,
  z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9_-]*$/)
        .optional(),
      services: z.record(z.string().regex(name), service),
      volumes: z
        .record(z.string().regex(name), z.union([z.null(), z.strictObject({ name: text.optional(), driver: text.optional() })]))
        .optional(),
      networks: z.record(z.string().regex(name), z.union([z.null(), z.strictObject({ internal: z.boolean().optional() })])).optional(),
    })
    .superRefine(({ services, volumes = {}, networks = {} }, context) => {
      const wrong = (message: string): void => context.addIssue({ code: 'custom', message });
      for (const [own, { image, build, depends_on: others = {}, volumes: mounts = [], networks: joined = [] }] of Object.entries(
        services,
      )) {
        if (!image && !build) wrong(`${own} has neither image nor build`);
        for (const [other, { condition }] of Object.entries(others)) {
          const found = services[other];
          if (!found) wrong(`${own} depends on ${other}, which is not there`);
          else if (condition === 'service_healthy' && (!found.healthcheck || 'disable' in found.healthcheck))
            wrong(`${own} waits for the health of ${other}, which has no check`);
        }
        for (const mount of mounts) {
          const source = mount.split(':')[0]!;
          if (name.test(source) && !(source in volumes)) wrong(`${own} mounts ${source}, which is no volume`);
        }
        for (const network of joined) if (!(network in networks)) wrong(`${own} joins ${network}, which is no network`);
      }
      const ring = circle(services);
      if (ring) wrong(`services wait for each other: ${ring.join(', ')}`);
    }),
);

function circle(services: Readonly<Record<string, ComposeService>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const other of Object.keys(services[name]?.depends_on ?? {})) {
      const found = visit(other, [...path, name]);
      if (found) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(services)) {
    const found = visit(name, []);
    if (found) return found;
  }
  return undefined;
}

export interface Interpolated {
  readonly text: string;
  /** Variables without which nothing starts. */
  readonly required: readonly string[];
}

const variable = /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-?])([^}]*))?\}|\$\{?/g;

/**
 * Puts values in place of `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, as the specification says; `$$` is a dollar. `$NAME` is not used.
 * @throws Error at a `$` that means nothing, and at a variable that has neither a value nor a default nor a message: it would silently be empty.
 */
export function interpolated(text: string, env: Readonly<Record<string, string>>): Interpolated {
  const required = new Set<string>();
  const valueOf = ([found, name, mark = '', rest = '']: RegExpExecArray): string => {
    if (found === '$$') return '$';
    if (name === undefined) throw new Error(`"${found}" means nothing, in: ${text.slice(0, 80)}`);
    if (mark.endsWith('?')) required.add(name);
    const value = env[name];
    if (value !== undefined) return value;
    if (mark.endsWith('-')) return rest;
    throw new Error(`${name}: ${rest || 'has no value and no default'}`);
  };
  let replaced = '';
  let from = 0;
  for (const match of text.matchAll(variable)) {
    replaced += text.slice(from, match.index) + valueOf(match);
    from = match.index + match[0].length;
  }
  return { text: replaced + text.slice(from), required: [...required] };
}
