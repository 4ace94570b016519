import { hours, login, minutes, seconds, type Planner } from './plan.js';

const guessing: Planner = {
  plan: ({ random, cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    return {
      kind: 'login_guessing',
      rules: ['login_burst', 'login_burst_heavy', 'account_burst'],
      who: { address, user },
      count: random.between(70, 140),
      span: seconds(random.between(150, 240)),
      line: () => login({ address, agent, user }),
    };
  },
};

const fastGuessing: Planner = {
  plan: ({ cast }) => {
    const [address, agent] = [cast.address(), 'python-requests/2.32.3'];
    return {
      kind: 'login_guessing_fast',
      rules: ['login_burst_fast'],
      who: { address },
      count: 8,
      span: seconds(6),
      line: () => login({ address, agent, user: '' }),
    };
  },
};

const spray: Planner = {
  plan: ({ cast }) => {
    const [address, agent] = [cast.address(), cast.agent()];
    const users = Array.from({ length: 30 }, () => cast.user());
    return {
      kind: 'password_spray',
      rules: ['password_spray', 'login_burst'],
      who: { address },
      count: users.length,
      span: minutes(8),
      line: (index) => login({ address, agent, user: users[index]! }),
    };
  },
};

const slowSpray: Planner = {
  plan: ({ cast }) => {
    const [address, agent] = [cast.address(), cast.agent()];
    const users = Array.from({ length: 6 }, () => cast.user());
    return {
      kind: 'slow_password_spray',
      rules: ['slow_password_spray'],
      quiet: ['login_burst', 'password_spray', 'account_burst'],
      who: { address },
      count: 18,
      span: minutes(50),
      line: (index) => login({ address, agent, user: users[index % 6]! }),
    };
  },
};

const distributed: Planner = {
  most: 4,
  plan: ({ cast }) => {
    const addresses = Array.from({ length: 44 }, () => cast.address());
    const agent = cast.agent();
    return {
      kind: 'distributed_guessing',
      rules: ['distributed_guessing'],
      who: { addresses, path: '/api/v1/oauth/token' },
      count: addresses.length * 2,
      span: minutes(8),
      line: (index) => login({ address: addresses[index % addresses.length]!, agent, target: '/api/v1/oauth/token' }),
    };
  },
};

const distributedOnAccount: Planner = {
  plan: ({ cast }) => {
    const addresses = Array.from({ length: 12 }, () => cast.address());
    const [agent, user] = [cast.agent(), cast.user()];
    return {
      kind: 'distributed_guessing_on_account',
      rules: ['distributed_guessing_on_account'],
      quiet: ['account_burst'],
      who: { addresses, user },
      count: addresses.length,
      span: minutes(26),
      line: (index) => login({ address: addresses[index]!, agent, user }),
    };
  },
};

const takeover: Planner = {
  plan: ({ random, cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    const failures = random.between(14, 30);
    return {
      kind: 'success_after_burst',
      rules: ['login_burst', 'account_burst', 'success_after_burst', 'success_after_account_burst'],
      who: { address, user },
      count: failures + 1,
      span: minutes(4),
      line: (index) => login({ address, agent, user, status: index < failures ? 401 : 200 }),
    };
  },
};

const travel: Planner = {
  minDuration: hours(4),
  plan: ({ random, cast }) => {
    const pairs = [
      ['US', 'JP'],
      ['DE', 'BR'],
      ['GB', 'AU'],
      ['FR', 'IN'],
    ] as const;
    const [home, away] = random.pick(pairs);
    const addresses = [cast.address(home), cast.address(away)];
    const agents = [cast.agent(), cast.agent()];
    const user = cast.user();
    return {
      kind: 'impossible_travel',
      rules: ['impossible_travel'],
      who: { addresses, user },
      count: 2,
      span: minutes(80),
      line: (index) => login({ address: addresses[index]!, agent: agents[index]!, user, status: 200 }),
    };
  },
};

const day = hours(24);

const newCountry: Planner = {
  minDuration: 10 * day,
  plan: ({ cast }) => {
    const [home, away] = [cast.address('DE'), cast.address('BR')];
    const [agent, user] = [cast.agent(), cast.user()];
    return {
      kind: 'new_country',
      rules: ['new_country'],
      quiet: ['impossible_travel'],
      who: { addresses: [home, away], user },
      count: 10,
      span: 9 * day + hours(12),
      at: (index) => index * day + (index === 9 ? hours(8) : 0),
      line: (index) => login({ address: index === 9 ? away : home, agent, user, status: 200 }),
    };
  },
};

/** Attacks on logins. */
export const loginAttacks: readonly Planner[] = [
  guessing,
  fastGuessing,
  spray,
  slowSpray,
  distributed,
  distributedOnAccount,
  takeover,
  travel,
  newCountry,
];
