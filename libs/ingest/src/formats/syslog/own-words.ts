const programs = new Set([
  'sshd',
  'sshd-session',
  'sshd-auth',
  'sudo',
  'su',
  'login',
  'CRON',
  'cron',
  'systemd-logind',
  'useradd',
  'userdel',
  'usermod',
  'passwd',
  'polkitd',
  'kernel',
]);

/** Whether what a program says is never taken for another format: a user name that looks like an access line would hide a failed login. */
export function speaksForItself(program: string): boolean {
  return programs.has(program);
}
