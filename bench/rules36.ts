/** A Sigma rule file. JSON is YAML, so no writer of YAML is needed. */
export interface RuleText {
  readonly file: string;
  readonly text: string;
}

type Selection = Readonly<Record<string, unknown>>;

const path = 'url.path';
const query = 'url.query';
const agent = 'user_agent.original';
const status = 'http.response.status_code';
const method = 'http.request.method';

/** What an API's owner watches for in web traffic, over ECS fields: lists of substrings, suffixes, numbers, regexes and conditions with `not`. */
const detections: readonly (readonly [name: string, ...Selection[]])[] = [
  ['login_refused', { [method]: 'POST', [status]: [401, 403], [`${path}|contains`]: ['/login', '/oauth/token', '/session'] }],
  ['login_accepted', { [method]: 'POST', [status]: [200, 204], [`${path}|contains`]: ['/login', '/oauth/token', '/session'] }],
  ['not_found', { [status]: 404 }],
  ['forbidden', { [status]: 403 }],
  ['search_call', { [`${path}|contains`]: '/search' }],
  ['server_error', { [`${status}|gte`]: 500 }],
  ['large_answer', { 'http.response.body.bytes|gt': 4_000_000 }],
  ['odd_method', { [method]: ['TRACE', 'TRACK', 'CONNECT', 'DEBUG', 'PROPFIND'] }],
  [
    'scanner_agent',
    { [`${agent}|contains`]: ['sqlmap', 'nikto', 'nuclei', 'gobuster', 'wpscan', 'zgrab', 'masscan', 'acunetix', 'dirbuster'] },
  ],
  ['library_agent', { [`${agent}|startswith`]: ['python-requests/', 'Go-http-client/', 'Java/', 'libwww-perl/', 'okhttp/'] }],
  ['union_select', { [`${query}|contains|all`]: ['union', 'select'] }],
  [
    'sql_comment',
    { [`${query}|contains`]: ['%27--', '%27%20or%20', "'+or+", 'sleep(', 'benchmark(', 'waitfor%20delay', 'information_schema'] },
  ],
  ['script_tag', { [`${query}|contains`]: ['<script', '%3Cscript', 'onerror%3D', 'onload%3D', 'javascript%3A', 'document.cookie'] }],
  ['climbing_path', { [`${query}|contains`]: ['../..', '..%2F..', '%2e%2e%2f', '..%5C'] }],
  ['system_file', { [`${query}|contains`]: ['etc/passwd', 'etc%2Fpasswd', 'etc/shadow', 'etc%2Fshadow', 'win.ini', 'proc%2Fself'] }],
  ['shell_command', { [`${query}|contains`]: ['%3Bid', '%7Ccat', '%60whoami', '%26%26', '$(', 'cmd.exe'] }],
  ['template_marks', { [`${query}|contains`]: ['{{', '%7B%7B', '%24%7B', '%3C%25'] }],
  ['lookup_in_agent', { [`${agent}|contains`]: ['${jndi:', '${lower:', '${env:'] }],
  ['metadata_service', { [`${query}|contains`]: ['169.254.169.254', 'metadata.google.internal', 'localhost%3A', '127.0.0.1'] }],
  ['php_wrapper', { [`${query}|contains`]: ['php%3A%2F%2F', 'php://', 'phar%3A', 'expect%3A', 'data%3A%2F%2Ftext'] }],
  ['secret_file', { [`${path}|endswith`]: ['/.env', '/.git/config', '/.htpasswd', '/id_rsa', '/wp-config.php.bak', '/.aws/credentials'] }],
  ['archive_file', { [`${path}|endswith`]: ['.sql', '.bak', '.old', '.tar.gz', '.zip', '~'] }],
  ['admin_console', { [`${path}|startswith`]: ['/phpmyadmin', '/manager/html', '/wp-admin', '/actuator', '/server-status', '/console'] }],
  ['admin_function', { [`${path}|contains`]: '/admin/', [status]: [200, 201, 204] }],
  ['numbered_object', { [`${path}|re`]: '^/api/v[0-9]+/[a-z]+/[0-9]+$', [status]: 403 }],
  ['long_query', { [`${query}|re`]: '^.{600,}$' }],
  ['script_upload', { [method]: ['PUT', 'POST'], [`${path}|endswith`]: ['.php', '.jsp', '.aspx', '.phtml'] }],
  [
    'foreign_referrer',
    { 'http.request.referrer|startswith': ['http://', 'https://'] },
    { 'http.request.referrer|contains': 'shop.example.com' },
  ],
  ['reserved_source', { 'source.ip|cidr': ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '0.0.0.0/8'] }],
  ['export_by_robot', { [`${path}|contains`]: '/export', [`${agent}|contains`]: ['curl/', 'Wget/', 'python'] }],
];

const correlations: readonly Selection[] = [
  {
    title: 'login_burst',
    type: 'event_count',
    rules: ['login_refused'],
    'group-by': ['source.ip'],
    timespan: '5m',
    condition: { gte: 10 },
  },
  {
    title: 'forbidden_burst',
    type: 'event_count',
    rules: ['forbidden'],
    'group-by': ['source.ip'],
    timespan: '5m',
    condition: { gte: 20 },
  },
  {
    title: 'search_flood',
    type: 'event_count',
    rules: ['search_call'],
    'group-by': ['source.ip'],
    timespan: '1m',
    condition: { gte: 300 },
  },
  {
    title: 'path_scan',
    type: 'value_count',
    rules: ['not_found'],
    'group-by': ['source.ip'],
    timespan: '5m',
    condition: { gte: 20, field: path },
  },
  {
    title: 'many_sources',
    type: 'value_count',
    rules: ['login_refused'],
    'group-by': [path],
    timespan: '10m',
    condition: { gte: 30, field: 'source.ip' },
  },
  {
    title: 'entry_after_failure',
    type: 'temporal_ordered',
    rules: ['login_refused', 'login_accepted'],
    'group-by': ['source.ip'],
    timespan: '10m',
  },
];

/** The bench's own set: 30 detections and 6 correlations. `generate`: whether matches of the rules that a correlation reads are told as well. */
export function rules36(generate: boolean): RuleText[] {
  const single = detections.map(([name, selection, except], i) => ({
    title: name,
    id: idOf(i),
    name,
    status: 'test',
    logsource: { category: 'webserver' },
    detection: { selection, ...(except && { except }), condition: except ? 'selection and not except' : 'selection' },
    level: 'low',
  }));
  const windows = correlations.map(({ title, ...correlation }, i) => ({
    title,
    id: idOf(detections.length + i),
    name: title,
    status: 'test',
    correlation: { ...correlation, generate },
    level: 'medium',
  }));
  return [...single, ...windows].map((rule) => ({ file: `${rule.name as string}.yml`, text: `${JSON.stringify(rule, undefined, 2)}\n` }));
}

function idOf(number: number): string {
  return `5b0c1d1e-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
