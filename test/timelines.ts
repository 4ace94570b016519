/** One event as a service sends it: an ECS document of one line. */
export interface Happening {
  /** Milliseconds from the beginning of the story. */
  readonly at: number;
  readonly address: string;
  readonly path: string;
  readonly status: number;
  readonly user?: string;
  readonly agent?: string;
  readonly session?: string;
  readonly method?: string;
}

export interface Story {
  readonly name: string;
  /** Rules that must tell of it; none for what is harmless. */
  readonly rules: readonly string[];
  readonly happenings: readonly Happening[];
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const browser = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0';
const telephone = 'ShopApp/7.2 (iPhone; iOS 18.1)';

/** Public addresses of providers in Germany, one carrier and one wireless network, in Japan and in the United States. */
const places = { carrier: '80.187.0.', home: '91.0.0.', japan: '126.0.0.', america: '73.71.149.' };

function times(count: number, make: (index: number) => Happening): Happening[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function login(at: number, address: string, user: string, parts: Partial<Happening> = {}): Happening {
  return { at, address, user, path: '/api/v1/login', method: 'POST', status: 401, ...parts };
}

/** Numbers that look like chance and are the same each time. */
function scattered(index: number, below: number): number {
  return (Math.imul(index + 1, 2_654_435_761) % below) >>> 0;
}

const attacks: readonly Story[] = [
  {
    name: 'a user walks invoices by number, one each twenty minutes',
    rules: ['sequential_walk_slow'],
    happenings: times(34, (i) => ({
      at: i * 20 * minute,
      address: '91.0.0.7',
      user: 'mallory',
      path: `/api/v1/invoices/${4000 + i}`,
      status: 200,
    })),
  },
  {
    name: 'a user guesses the objects of others, two an hour and three',
    rules: ['foreign_objects_slow'],
    happenings: times(40, (i) => ({
      at: i * 25 * minute,
      address: '91.0.0.7',
      user: 'mallory',
      path: `/api/v1/invoices/${scattered(i, 90_000)}`,
      status: 403,
    })),
  },
  {
    name: 'the only caller of a small service reads sixty objects of others within eight minutes',
    rules: ['object_enumeration'],
    happenings: times(60, (i) => ({
      at: i * 8 * second,
      address: '91.0.0.7',
      user: 'mallory',
      path: `/api/v1/patients/${scattered(i, 90_000)}`,
      status: 200,
    })),
  },
  {
    name: 'a scanner asks for a file each seven minutes',
    rules: ['path_scan_slow'],
    happenings: times(50, (i) => ({
      at: i * 7 * minute,
      address: '91.0.0.9',
      path: `/old-${String.fromCharCode(97 + (i % 26))}${i > 25 ? 'x' : ''}/setup.cgi`,
      status: 404,
    })),
  },
  {
    name: 'one password is tried on sixty accounts from sixty addresses within two hours',
    rules: ['rotating_guessing'],
    happenings: times(60, (i) => login(i * 2 * minute, `126.0.${i}.9`, `user-${i}`, { agent: 'Mozilla/5.0 Chrome/118.0.5993.70' })),
  },
  {
    name: 'a stolen list through rotating addresses, of which a twentieth gets in',
    rules: ['rotating_guessing'],
    happenings: times(120, (i) =>
      login(i * 50 * second, `126.0.${i % 100}.9`, `user-${i}`, { agent: 'okhttp/3.14.9', status: i % 20 === 19 ? 200 : 401 }),
    ),
  },
  {
    name: 'a stolen list through rotating addresses and user agents, fast',
    rules: ['distributed_guessing'],
    happenings: times(45, (i) => login(i * 10 * second, `126.0.${i}.9`, `user-${i}`, { agent: `Mozilla/5.0 Chrome/${80 + i}.0` })),
  },
  {
    name: 'one account from a dozen addresses within half an hour',
    rules: ['distributed_guessing_on_account'],
    happenings: times(12, (i) => login(i * 2 * minute, `126.0.${i}.9`, 'anna', { agent: `Mozilla/5.0 Chrome/${80 + i}.0` })),
  },
  {
    name: 'a login in Germany and one in Japan forty minutes later',
    rules: ['impossible_travel'],
    happenings: [
      login(0, `${places.home}7`, 'anna', { status: 200, agent: browser }),
      login(40 * minute, `${places.japan}7`, 'anna', { status: 200, agent: 'curl/8.5' }),
    ],
  },
  {
    name: 'a session that a second program uses from another network',
    rules: ['session_in_two_countries'],
    happenings: times(20, (i) => ({
      at: i * 20 * second,
      address: i % 2 ? `${places.home}7` : `${places.america}9`,
      agent: i % 2 ? browser : 'python-requests/2.32',
      user: 'anna',
      session: 's-77a1',
      path: '/api/v1/me',
      status: 200,
    })),
  },
];

const harmless: readonly Story[] = [
  {
    name: 'a telephone that changes between carrier and home network all day',
    rules: [],
    happenings: times(96, (i) => ({
      at: i * 10 * minute,
      address: i % 3 ? `${places.carrier}${i}` : `${places.home}7`,
      agent: telephone,
      user: 'anna',
      session: 's-12',
      path: i % 8 ? '/api/v1/me' : '/api/v1/login',
      method: i % 8 ? 'GET' : 'POST',
      status: 200,
    })),
  },
  {
    name: 'an office behind one address, of whose logins a tenth fails, from its tenth minute on',
    rules: [],
    happenings: times(1500, (i) => {
      const at = i * 4 * second;
      return login(at, '91.0.0.20', `staff-${scattered(i, 300)}`, { agent: browser, status: at > 10 * minute && i % 10 === 3 ? 401 : 200 });
    }),
  },
  {
    name: 'a nightly job that reads five hundred pages of a list',
    rules: [],
    happenings: times(500, (i) => ({
      at: i * second,
      address: '91.0.0.30',
      user: 'svc-report',
      agent: 'report-job/2',
      path: `/api/v1/orders?page=${i + 1}&size=100`,
      status: 200,
    })),
  },
  {
    name: 'a job that reads forty objects every quarter of an hour',
    rules: [],
    happenings: times(400, (i) => ({
      at: Math.floor(i / 40) * 15 * minute + (i % 40) * second,
      address: '91.0.0.31',
      user: 'svc-sync',
      agent: 'sync-job/2',
      path: `/api/v1/orders/${scattered(i, 90_000)}`,
      status: 200,
    })),
  },
  {
    name: 'a monitor that asks every ten seconds and is sometimes told 503',
    rules: [],
    happenings: times(2000, (i) => ({
      at: i * 10 * second,
      address: '91.0.0.32',
      agent: 'probe/1.0',
      path: i % 2 ? '/health' : '/ready',
      status: i % 50 ? 200 : 503,
    })),
  },
  {
    name: 'a broken client that tries an expired token twice a minute',
    rules: [],
    happenings: times(240, (i) => ({ at: i * 30 * second, address: '91.0.0.33', agent: telephone, path: '/api/v1/me', status: 401 })),
  },
  {
    name: 'a clerk who works through five-and-twenty numbers in a day',
    rules: [],
    happenings: times(25, (i) => ({
      at: i * 18 * minute,
      address: '91.0.0.34',
      user: 'berta',
      agent: browser,
      path: `/api/v1/invoices/${700 + i}`,
      status: 200,
    })),
  },
  {
    name: 'an app that asks every hour for the same twelve deleted objects',
    rules: [],
    happenings: times(12 * 20, (i) => ({
      at: Math.floor(i / 12) * hour + (i % 12) * 2 * minute,
      address: '91.0.0.35',
      user: 'carla',
      agent: telephone,
      path: `/api/v1/carts/${scattered(i % 12, 90_000)}`,
      status: 404,
    })),
  },
  {
    name: 'a crawler that follows links to a hundred articles that are gone',
    rules: [],
    happenings: times(100, (i) => ({
      at: i * 3 * minute,
      address: '91.0.0.36',
      agent: 'Mozilla/5.0 (compatible; ExampleBot/1.0)',
      path: `/articles/${scattered(i, 90_000)}`,
      status: 404,
    })),
  },
  {
    name: 'people with one app who mistype one time in three',
    rules: [],
    happenings: times(90, (i) => login(i * minute, `91.0.${i}.40`, `user-${i}`, { agent: telephone, status: i % 3 ? 200 : 401 })),
  },
  {
    name: 'a traveller who logs in in Germany and nine hours later in Japan',
    rules: [],
    happenings: [
      login(0, `${places.home}7`, 'dora', { status: 200, agent: telephone }),
      login(9 * hour, `${places.japan}7`, 'dora', { status: 200, agent: telephone }),
    ],
  },
];

/** Attacks that stay below the limits by minute, and what looks like them and is none. */
export const stories: readonly Story[] = [...attacks, ...harmless];

const begin = Date.UTC(2026, 10, 16, 6);

/** The story's events as lines, in their order in time. */
export function linesOf({ happenings }: Story): string[] {
  return [...happenings].sort((one, other) => one.at - other.at).map((each, index) => `${JSON.stringify(documentOf(each, index))}\n`);
}

function documentOf(each: Happening, index: number): unknown {
  const isLogin = each.path === '/api/v1/login';
  const failed = each.status >= 400;
  return {
    '@timestamp': new Date(begin + each.at).toISOString(),
    event: {
      id: `story-${index}`,
      category: isLogin ? ['web', 'authentication'] : ['web'],
      ...(isLogin && { action: failed ? 'authn_login_fail' : 'authn_login_success' }),
      outcome: failed ? 'failure' : 'success',
      dataset: 'shop.access',
    },
    source: { ip: each.address },
    ...(each.user !== undefined && { user: { name: each.user } }),
    http: { request: { method: each.method ?? 'GET' }, response: { status_code: each.status, body: { bytes: 512 } } },
    url: { original: each.path, path: each.path.split('?')[0] },
    user_agent: { original: each.agent ?? browser },
    ...(each.session !== undefined && { gatewatch: { session: { id: each.session } } }),
    service: { name: 'shop' },
  };
}
