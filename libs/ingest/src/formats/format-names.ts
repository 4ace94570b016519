/** Every log format by its name. */
export const formatNames = [
  'nginx',
  'apache',
  'json',
  'sshd',
  'syslog',
  'haproxy',
  'traefik',
  'envoy',
  'elb',
  's3',
  'cloudfront',
  'w3c',
  'squid',
  'framework',
  'spring',
  'logfmt',
  'cef',
  'keycloak',
] as const;
export type FormatName = (typeof formatNames)[number];

/** Whose language a configured `log_format` is written in. */
export const logFormatKinds = ['nginx', 'apache', 'w3c'] as const;
export type LogFormatKind = (typeof logFormatKinds)[number];
