import { cleaned } from '../formats/json/json-values.js';
import type { JsonObject } from '#ecs';
import type { LogEvent } from '../log-event.js';
import { ADDRESS, MESSAGE, PATH, QUERY, REASON, REFERRER, URL_ORIGINAL } from '../slots.js';
import { redacted, redactText, redactUrl } from './redact.js';
import { redactPaths, type Redaction } from './redaction.js';

const urls = [URL_ORIGINAL, REFERRER];
const texts = [MESSAGE, REASON, ADDRESS];

/** Applies what the operator hides to what the parsers, who know only the usual names, have filled. */
export function redactAgain(event: LogEvent, own: Redaction): void {
  const { values } = event;
  for (const at of urls) {
    const value = values[at];
    if (typeof value === 'string') values[at] = redactUrl(value, own);
  }
  for (const at of texts) {
    const value = values[at];
    if (typeof value === 'string') values[at] = redactText(value, own);
  }
  const path = values[PATH];
  if (typeof path === 'string') values[PATH] = redactPaths(path, own.paths, redacted);
  const query = values[QUERY];
  if (typeof query === 'string') values[QUERY] = redactUrl(`?${query}`, own).slice(1);
  if (event.extra) event.extra = cleaned('', event.extra, 0, own) as JsonObject;
}
