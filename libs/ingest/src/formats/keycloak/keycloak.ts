import { failed, quoted } from '../../failure.js';
import type { Parse } from '../format.js';
import { keycloakPairs } from '../json/records/keycloak/keycloak.js';

// 2026-01-15 10:05:02,123 WARN  [org.keycloak.events] (executor-thread-1) type="LOGIN_ERROR", realmId="shop", …
const head =
  /^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[,.]\d{3,9}(?:Z|[+-]\d\d:?\d\d)?) +(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +\[([^\s[\]]{1,256})\] \(([^()]{0,256})\) (.*)$/;

/** Whether a line is one of the text log of Keycloak, or of another server on Quarkus or WildFly: time, level, logger, thread. */
export function looksLikeKeycloak(line: string): boolean {
  const bracket = line.indexOf('[', 24);
  return bracket > 0 && bracket < 48 && head.test(line.slice(0, 20_000));
}

/** Reads the text log of Keycloak: its events as those of the JSON log, everything else as a message. */
export function keycloakParser(json: Parse): Parse {
  return (line, event, scope) => {
    const part = head.exec(line.slice(0, 20_000));
    if (!part)
      return failed(
        'line_shape',
        `Expected a line such as "2026-01-15 10:05:02,123 WARN  [org.keycloak.events] (executor-thread-1) type=\\"LOGIN_ERROR\\", …", found ${quoted(line)}.`,
      );
    const [, timestamp, level, logger, thread, message] = part;
    const pairs = keycloakPairs(message!);
    const found =
      pairs && 'realmId' in pairs
        ? { ...pairs, timestamp }
        : { timestamp, level, 'log.logger': logger, 'process.thread.name': thread, message };
    return json(JSON.stringify(found), event, scope);
  };
}
