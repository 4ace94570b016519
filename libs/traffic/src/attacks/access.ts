import { call, minutes, seconds, type Planner } from './plan.js';

const denied: Planner = {
  plan: ({ random, cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    const first = random.int(80000);
    return {
      kind: 'denied_burst',
      rules: ['denied_burst', 'path_scan'],
      who: { address, user },
      count: random.between(36, 60),
      span: seconds(200),
      line: (index) => call({ address, agent, user, target: `/api/v1/invoices/${first + index}`, status: 403, bytes: 99 }),
    };
  },
};

const deniedRoute: Planner = {
  most: 4,
  plan: ({ cast }) => {
    const addresses = Array.from({ length: 70 }, () => cast.address());
    const agent = cast.agent();
    return {
      kind: 'denied_route',
      rules: ['denied_route'],
      who: { addresses, path: '/api/v1/reports/export' },
      count: 140,
      span: minutes(4),
      line: (index) => call({ address: addresses[index % 70]!, agent, target: '/api/v1/reports/export', status: 403, bytes: 99 }),
    };
  },
};

const adminPaths = [
  '/api/v1/admin/users',
  '/api/v1/admin/settings',
  '/api/v1/admin/keys',
  '/api/v1/admin/audit',
  '/api/v1/admin/roles',
  '/api/v1/internal/metrics',
];

const adminUsed: Planner = {
  plan: ({ cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    return {
      kind: 'admin_used',
      rules: ['admin_used'],
      who: { address, user },
      count: 6,
      span: minutes(20),
      line: (index) => call({ address, agent, user, target: adminPaths[index]!, bytes: 2200 }),
    };
  },
};

const adminTried: Planner = {
  plan: ({ cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    return {
      kind: 'admin_tried',
      rules: ['admin_tried'],
      quiet: ['admin_used'],
      who: { address, user },
      count: 6,
      span: minutes(5),
      line: (index) => call({ address, agent, user, target: adminPaths[index]!, status: 403, bytes: 99 }),
    };
  },
};

const highRate: Planner = {
  minLines: 20_000,
  plan: ({ random, cast }) => {
    const [address, agent] = [cast.address(), cast.agent()];
    return {
      kind: 'high_rate',
      rules: ['high_rate'],
      quiet: ['flood'],
      who: { address },
      count: random.between(900, 1500),
      span: seconds(70),
      line: (index) => call({ address, agent, target: `/api/v1/search?q=a&page=${index % 60}`, bytes: 2048 }),
    };
  },
};

function flood(rules: readonly string[], count: number, minLines: number): Planner {
  return {
    minLines,
    most: 1,
    plan: ({ cast }) => {
      const [address, agent] = [cast.address(), cast.agent()];
      const line = call({ address, agent, target: '/api/v1/search?q=a', bytes: 2048 });
      return { kind: rules.at(-1)!, rules, who: { address }, count, span: seconds(9), line: () => line };
    },
  };
}

/** Attacks on what the API guards, and on its strength. */
export const accessAttacks: readonly Planner[] = [
  denied,
  deniedRoute,
  adminUsed,
  adminTried,
  highRate,
  flood(['high_rate', 'flood'], 12_000, 200_000),
  flood(['high_rate', 'flood', 'flood_critical'], 120_000, 3_000_000),
];
