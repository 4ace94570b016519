import { call, hours, login, minutes, seconds, type Plan, type Planner, type Stage } from './plan.js';

type Miss = Omit<Plan, 'kind' | 'rules' | 'quiet'>;

/** Just below a limit: proves that a rule asks for what it says. */
function miss(quiet: readonly string[], plan: (stage: Stage) => Miss, limits: Omit<Planner, 'plan'> = {}): Planner {
  return { ...limits, plan: (stage) => ({ kind: 'near_miss', rules: [], quiet, ...plan(stage) }) };
}

/** What nearly is an attack and must stay quiet. */
export const nearMisses: readonly Planner[] = [
  miss(['login_burst', 'login_burst_fast', 'account_burst', 'success_after_burst'], ({ cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    return {
      who: { address, user },
      count: 5,
      span: seconds(100),
      line: (index) => login({ address, agent, user, status: index < 4 ? 401 : 200 }),
    };
  }),
  miss(['login_burst', 'login_burst_fast', 'password_spray', 'slow_password_spray'], ({ cast }) => {
    const [address, agent] = [cast.address(), cast.agent()];
    const users = Array.from({ length: 9 }, () => cast.user());
    return { who: { address }, count: 9, span: minutes(4), line: (index) => login({ address, agent, user: users[index]! }) };
  }),
  miss(['account_burst'], ({ cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    return { who: { address, user }, count: 7, span: minutes(9), line: () => login({ address, agent, user }) };
  }),
  miss(['denied_burst', 'denied_burst_fast', 'path_scan', 'path_scan_fast'], ({ cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    return {
      who: { address, user },
      count: 19,
      span: minutes(4),
      line: (index) => call({ address, agent, user, target: `/api/v1/orders/${index}`, status: 403, bytes: 99 }),
    };
  }),
  miss(['path_scan', 'path_scan_fast'], ({ cast }) => {
    const [address, agent] = [cast.address(), cast.agent()];
    return {
      who: { address },
      count: 60,
      span: minutes(4),
      line: (index) => call({ address, agent, target: `/articles/${index % 15}`, status: 404 }),
    };
  }),
  miss(['injection_burst'], ({ cast }) => {
    const [address, agent] = [cast.address(), cast.agent()];
    return {
      who: { address },
      count: 2,
      span: minutes(2),
      line: (index) => call({ address, agent, target: `/api/v1/search?q=${encodeURIComponent("1' or '1'='1")}&page=${index}` }),
    };
  }),
  miss(
    ['high_rate'],
    ({ cast }) => {
      const [address, agent] = [cast.address(), cast.agent()];
      return {
        who: { address },
        count: 1700,
        span: minutes(3),
        line: (index) => call({ address, agent, target: `/api/v1/products?page=${index}`, bytes: 3000 }),
      };
    },
    { minLines: 40_000, most: 2 },
  ),
  miss(['attack_tool_burst'], ({ cast }) => {
    const address = cast.address();
    return {
      who: { address },
      count: 8,
      span: minutes(4),
      line: (index) => call({ address, agent: 'Mozilla/5.0 zgrab/0.x', target: `/api/v1/products/${index}` }),
    };
  }),
  miss(
    ['impossible_travel'],
    ({ cast }) => {
      const addresses = [cast.address('FR'), cast.address('JP')];
      const [agent, user] = [cast.agent(), cast.user()];
      return {
        who: { addresses, user },
        count: 2,
        span: hours(40),
        line: (index) => login({ address: addresses[index]!, agent, user, status: 200 }),
      };
    },
    { minDuration: hours(22) },
  ),
  miss(['admin_tried'], ({ cast }) => {
    const [address, agent, user] = [cast.address(), cast.agent(), cast.user()];
    return {
      who: { address, user },
      count: 4,
      span: minutes(5),
      line: (index) =>
        call({ address, agent, user, target: index % 2 ? '/api/v1/admin/users' : '/api/v1/admin/keys', status: 403, bytes: 99 }),
    };
  }),
];
