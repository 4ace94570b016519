import { z } from 'zod';
import { BoundedCache } from '../bounded-cache.js';
import { isLoginRoute } from '../http/login-route.js';

/** Words of a path that tell what kind of route it is. `login` is told by `isLoginRoute` besides. */
const words: Readonly<Record<string, string>> = {
  admin: 'admin administration administrator backoffice back-office wp-admin phpmyadmin manage management superuser',
  debug:
    'debug actuator pprof phpinfo heapdump threaddump jolokia server-status server-info _profiler elmah.axd trace.axd metrics telescope',
  export: 'export exports dump dumps backup backups bulk extract takeout',
  payment:
    'payment payments pay checkout charge charges billing invoice invoices refund refunds payout payouts withdraw withdrawal withdrawals',
  account: 'account accounts profile password passwords signup sign-up register registration mfa 2fa api-keys apikeys email-change',
};

const labelOf = new Map(Object.entries(words).flatMap(([label, list]) => list.split(' ').map((word) => [word, label] as const)));

const pattern = z
  .string()
  .regex(/^\/[^\s?#]*$/, 'expected a path such as /internal/**')
  .refine((text) => text.split('/').every((segment, nth, all) => segment !== '**' || nth === all.length - 1), {
    error: 'expected ** only at the end',
  })
  .refine((text) => text.split('/').every((segment) => segment === '**' || segment.split('*').length <= 2), {
    error: 'expected at most one * in a segment',
  });

const template = z
  .string()
  .max(2048)
  .regex(/^(?:\/(?:\{[a-z][a-z\d_]{0,31}\}|[^\s?#{}]*))+$/i, 'expected a path such as /articles/{slug}');

export const routesConfig = z
  .strictObject({
    templates: z
      .array(template)
      .max(10_000)
      .default([])
      .describe(
        'Routes that the text of a path does not show: /articles/{slug}. A segment in braces stands for anything. `gatewatch routes learn` proposes them.',
      ),
    usual_labels: z.boolean().default(true).describe('Label routes by the usual words: admin, login, debug, export, payment, account.'),
    labels: z
      .record(z.string().regex(/^[a-z][a-z\d_-]{0,31}$/, 'expected a short word in lower case'), z.array(pattern).min(1).max(200))
      .default({})
      .describe('Labels of your own, or further routes of the usual ones, to paths: * is one segment, ** at the end everything below.'),
  })
  .prefault({})
  .describe('What is told of routes.');
export type RoutesConfig = z.infer<typeof routesConfig>;

/** What the text of a route tells. */
export interface RouteFacts {
  readonly labels: readonly string[] | undefined;
  readonly version: string | undefined;
}

const nothing: RouteFacts = { labels: undefined, version: undefined };
const version = /(?:^|\/)(v\d{1,3}(?:\.\d{1,3}){0,2})(?=\/|$)/i;

/** Labels and version of a route template; remembered for as many as fit. */
export function routeFacts({ usual_labels: usual, labels }: RoutesConfig): (route: string) => RouteFacts {
  const own = Object.entries(labels).flatMap(([label, patterns]) => patterns.map((text) => ({ label, matches: pathPattern(text) })));
  const known = new BoundedCache<RouteFacts>(4096);
  return (route) => {
    let facts = known.get(route);
    if (facts === undefined) {
      const found = new Set<string>(usual ? usualLabels(route) : []);
      for (const { label, matches } of own) if (matches(route)) found.add(label);
      const named = version.exec(route)?.[1]?.toLowerCase();
      facts =
        found.size === 0 && named === undefined
          ? nothing
          : { labels: found.size ? Object.freeze([...found].sort()) : undefined, version: named };
      known.set(route, facts);
    }
    return facts;
  };
}

function usualLabels(route: string): Set<string> {
  const found = new Set<string>();
  if (isLoginRoute(route)) found.add('login');
  for (const segment of route.slice(0, 2048).toLowerCase().split('/')) {
    const label = labelOf.get(segment) ?? labelOf.get(segment.replace(/\.[a-z\d]{1,5}$/, ''));
    if (label !== undefined) found.add(label);
  }
  return found;
}

/** Compiles a pattern; each segment has one star at most, so a comparison looks at it once. */
function pathPattern(text: string): (route: string) => boolean {
  const open = text.endsWith('/**');
  const wanted = (open ? text.slice(0, -3) : text).split('/').map((segment) => {
    const star = segment.indexOf('*');
    return star < 0 ? { head: segment, tail: undefined } : { head: segment.slice(0, star), tail: segment.slice(star + 1) };
  });
  return (route) => {
    const segments = route.split('/');
    if (open ? segments.length < wanted.length : segments.length !== wanted.length) return false;
    return wanted.every(({ head, tail }, nth) => {
      const segment = segments[nth]!;
      if (tail === undefined) return segment === head;
      return segment.length >= head.length + tail.length && segment.startsWith(head) && segment.endsWith(tail);
    });
  };
}
