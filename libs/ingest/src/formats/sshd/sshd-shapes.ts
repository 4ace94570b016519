const authentication: readonly string[] = Object.freeze(['authentication']);
const network: readonly string[] = Object.freeze(['network']);
const session: readonly string[] = Object.freeze(['session']);
const start: readonly string[] = Object.freeze(['start']);
const info: readonly string[] = Object.freeze(['info']);
const connectionStart: readonly string[] = Object.freeze(['connection', 'start']);
const denied: readonly string[] = Object.freeze(['connection', 'denied']);
const sessionEnd: readonly string[] = Object.freeze(['end']);
const connectionEnd: readonly string[] = Object.freeze(['connection', 'end']);
/** How one kind of message is read. Groups: `user`, `from`, `port`, `method`. */
export interface Shape {
  readonly begins: string;
  readonly pattern: RegExp;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly action?: string;
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly reason?: string;
}

// The user name is the attacker's to choose and may hold " from 10.0.0.1 port 22": sshd writes the true address last, so the greedy `.*` ends there.
const end = '(?<from>\\S{1,255}) port (?<port>\\d{1,5})';
const login = { category: authentication, type: start } as const;
const note = { category: authentication, type: info } as const;

/** sshd's messages, the narrower of a beginning before the wider. */
export const shapes: readonly Shape[] = [
  {
    begins: 'Failed none for',
    pattern: re(`Failed none for (?:invalid user )?(?<user>.*) from ${end}(?: ssh2)?`),
    ...note,
    action: 'authn_none',
    outcome: 'unknown',
  },
  {
    begins: 'Failed ',
    pattern: re(`Failed (?<method>\\S{1,64}) for (?:invalid user |illegal user )?(?<user>.*) from ${end}(?: ssh2)?(?:: .*)?`),
    ...login,
    action: 'authn_login_fail',
    outcome: 'failure',
  },
  {
    begins: 'Accepted ',
    pattern: re(`Accepted (?<method>\\S{1,64}) for (?<user>.*) from ${end}(?: ssh2)?(?:: .*)?`),
    ...login,
    action: 'authn_login_success',
    outcome: 'success',
  },
  {
    begins: 'Postponed ',
    pattern: re(`Postponed (?<method>\\S{1,64}) for (?:invalid user )?(?<user>.*) from ${end}(?: ssh2)?.*`),
    ...note,
    outcome: 'unknown',
  },
  {
    begins: 'Invalid user ',
    pattern: re(`Invalid user (?<user>.*?) ?from (?<from>\\S{1,255})(?: port (?<port>\\d{1,5}))?`),
    ...note,
    action: 'authn_invalid_user',
    outcome: 'failure',
    reason: 'invalid_user',
  },
  {
    begins: 'Illegal user ',
    pattern: re(`Illegal user (?<user>.*?) ?from (?<from>\\S{1,255})`),
    ...note,
    action: 'authn_invalid_user',
    outcome: 'failure',
    reason: 'invalid_user',
  },
  {
    begins: 'input_userauth_request: invalid user',
    pattern: re(`input_userauth_request: invalid user (?<user>.*?) ?\\[preauth\\]`),
    ...note,
    outcome: 'failure',
    reason: 'invalid_user',
  },
  {
    begins: 'error: maximum authentication attempts',
    pattern: re(`error: maximum authentication attempts exceeded for (?:invalid user )?(?<user>.*) from ${end}(?: ssh2)?.*`),
    ...note,
    action: 'authn_login_fail_max',
    outcome: 'failure',
    reason: 'max_attempts',
  },
  {
    begins: 'User ',
    pattern: re(`User (?<user>.*) from (?<from>\\S{1,255}) not allowed because .*`),
    ...note,
    outcome: 'failure',
    reason: 'not_allowed',
  },
  {
    begins: 'Disconnecting ',
    pattern: re(`Disconnecting (?:(?:authenticating|invalid) user (?<user>.*) )?${end}: .*`),
    ...note,
    outcome: 'failure',
  },
  {
    begins: 'Disconnected from ',
    pattern: re(`Disconnected from (?:authenticating |invalid )user (?<user>.*) ${end} \\[preauth\\]`),
    ...note,
    action: 'authn_abandoned',
    outcome: 'failure',
  },
  {
    begins: 'Disconnected from ',
    pattern: re(`Disconnected from (?:(?:authenticating |invalid )?user (?<user>.*) )?${end}(?: \\[preauth\\])?`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  {
    begins: 'Connection closed by ',
    pattern: re(`Connection closed by (?:authenticating|invalid) user (?<user>.*) ${end}(?: \\[preauth\\])?`),
    ...note,
    action: 'authn_abandoned',
    outcome: 'failure',
  },
  {
    begins: 'Connection closed by ',
    pattern: re(`Connection closed by (?:(?:authenticating|invalid) user (?<user>.*) )?${end}(?: \\[preauth\\])?`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  {
    begins: 'Connection reset by ',
    pattern: re(`Connection reset by (?:authenticating|invalid) user (?<user>.*) ${end}(?: \\[preauth\\])?`),
    ...note,
    action: 'authn_abandoned',
    outcome: 'failure',
  },
  {
    begins: 'Connection reset by ',
    pattern: re(`Connection reset by (?:(?:authenticating|invalid) user (?<user>.*) )?${end}(?: \\[preauth\\])?`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  {
    begins: 'Received disconnect from ',
    pattern: re(`Received disconnect from ${end}: ?\\d.*`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  {
    begins: 'Received disconnect from ',
    pattern: re(`Received disconnect from (?<from>\\S{1,255}): \\d.*`),
    category: network,
    type: connectionEnd,
    outcome: 'unknown',
  },
  { begins: 'Connection from ', pattern: re(`Connection from ${end}.*`), category: network, type: connectionStart, outcome: 'unknown' },
  {
    begins: 'Did not receive identification',
    pattern: re(`Did not receive identification string from (?<from>\\S{1,255})(?: port (?<port>\\d{1,5}))?`),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'no_identification',
  },
  {
    begins: 'Bad protocol version',
    pattern: re(`Bad protocol version identification .* from ${end}`),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'bad_protocol',
  },
  {
    begins: 'banner exchange: ',
    pattern: re(`banner exchange: Connection from ${end}: .*`),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'bad_protocol',
  },
  {
    begins: 'Unable to negotiate',
    pattern: re(`Unable to negotiate with ${end}: .*`),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'no_matching_algorithm',
  },
  {
    begins: 'reverse mapping checking',
    pattern: re(`reverse mapping checking getaddrinfo for .* \\[(?<from>[^\\]]{1,64})\\](?: failed)?.*`),
    category: network,
    type: info,
    outcome: 'failure',
    reason: 'reverse_mapping',
  },
  {
    begins: 'Address ',
    pattern: re(`Address (?<from>\\S{1,255}) maps to .*`),
    category: network,
    type: info,
    outcome: 'failure',
    reason: 'reverse_mapping',
  },
  {
    begins: 'Partial ',
    pattern: re(`Partial (?<method>\\S{1,64}) for (?:invalid user )?(?<user>.*) from ${end}.*`),
    ...note,
    outcome: 'unknown',
    reason: 'more_factors',
  },
  {
    begins: 'error: PAM: ',
    pattern: re(`error: PAM: .* for (?:illegal user |invalid user )?(?<user>.*) from (?<from>\\S{1,255})(?: via \\S{1,255})?`),
    ...note,
    action: 'authn_pam_fail',
    outcome: 'failure',
  },
  {
    begins: 'ROOT LOGIN REFUSED',
    pattern: re('ROOT LOGIN REFUSED FROM (?<from>\\S{1,255})(?: port (?<port>\\d{1,5}))?'),
    ...note,
    action: 'authz_fail',
    outcome: 'failure',
    reason: 'not_allowed',
  },
  {
    begins: 'refused connect from ',
    pattern: re('refused connect from .* \\((?<from>[^()]{1,255})\\)'),
    category: network,
    type: denied,
    outcome: 'failure',
    reason: 'refused',
  },
  ...['', 'fatal: '].map((begins): Shape => ({
    begins: `${begins}Timeout before authentication for `,
    pattern: re(`${begins}Timeout before authentication for (?:connection from )?(?<from>\\S{1,255}?)(?: port (?<port>\\d{1,5})| to .*)?`),
    ...note,
    action: 'authn_abandoned',
    outcome: 'failure',
    reason: 'timeout',
  })),
  // OpenSSH 9.8 keeps addresses out that fail too often.
  {
    begins: 'drop connection ',
    pattern: re('drop connection #\\d{1,10} from \\[(?<from>[^\\]]{1,64})\\]:(?<port>\\d{1,5}) on .*'),
    category: network,
    type: denied,
    outcome: 'failure',
    reason: 'dropped',
  },
  {
    begins: 'srclimit_penalise: ',
    pattern: re('srclimit_penalise: \\S{1,16} new (?<from>[^\\s/]{1,64})/\\d{1,3} .*'),
    category: network,
    type: info,
    outcome: 'failure',
    reason: 'penalty',
  },
  {
    begins: 'Disconnecting: Too many',
    pattern: re('Disconnecting: Too many authentication failures(?: for (?:invalid user )?(?<user>\\S{1,255}))?.*'),
    ...note,
    outcome: 'failure',
    reason: 'max_attempts',
  },
  { begins: 'Authentication refused: ', pattern: re('Authentication refused: .*'), ...note, outcome: 'failure', reason: 'bad_ownership' },
  {
    begins: 'error: kex_exchange_identification: ',
    pattern: re('error: kex_exchange_identification: .*'),
    category: network,
    type: connectionEnd,
    outcome: 'failure',
    reason: 'no_identification',
  },
  {
    begins: 'Close session: ',
    pattern: re(`Close session: user (?<user>.*) from ${end} id \\d{1,5}`),
    category: session,
    type: sessionEnd,
    outcome: 'success',
  },
  {
    begins: 'Starting session',
    pattern: re(`Starting session: .* for (?<user>.*) from ${end}.*`),
    category: session,
    type: start,
    outcome: 'success',
  },
];

function re(source: string): RegExp {
  return new RegExp(`^${source}$`);
}
