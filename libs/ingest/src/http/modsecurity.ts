import { slot } from '#ecs';
import type { LogEvent } from '../log-event.js';
import { redactText, redactUrl } from '../redact/redact.js';
import { ACTION, CATEGORY, OUTCOME, PATH, REASON, REQUEST_ID, TYPE, URL_DOMAIN, URL_ORIGINAL } from '../slots.js';
import { decodedPath } from './request.js';

const RULE_ID = slot['rule.id'];
const RULE_NAME = slot['rule.name'];

const category: readonly string[] = Object.freeze(['web', 'intrusion_detection']);
const denied: readonly string[] = Object.freeze(['denied']);
const info: readonly string[] = Object.freeze(['info']);
// The quoted part is what the rule or the request says: it may hold `\"`.
const notes = /\[(id|msg|uri|hostname|unique_id|severity) "((?:[^"\\]|\\.){0,4096})"\]/g;

/**
 * Fills what ModSecurity (Apache module and libmodsecurity) writes into its server's error log: the rule, the address asked for, and whether the
 * request was refused. False where the message is not ModSecurity's.
 */
export function fillModSecurity(event: LogEvent, message: string): boolean {
  const at = message.indexOf('ModSecurity');
  if (at < 0 || at > 256 || !/^ModSecurity(?:-nginx)?: (?:Access denied|Warning)/.test(message.slice(at, at + 64))) return false;
  const { values } = event;
  for (const [, name, text] of message.slice(at, at + 16_384).matchAll(notes)) fillNote(event, name!, text!);
  const refused = message.startsWith('Access denied', message.indexOf(': ', at) + 2);
  values[CATEGORY] = category;
  values[TYPE] = refused ? denied : info;
  values[ACTION] = refused ? 'waf_blocked' : 'waf_detected';
  values[OUTCOME] = refused ? 'failure' : 'unknown';
  return true;
}

function fillNote({ values }: LogEvent, name: string, text: string): void {
  if (text === '') return;
  if (name === 'id') values[RULE_ID] ??= text;
  else if (name === 'msg') values[RULE_NAME] = values[REASON] = redactText(text);
  else if (name === 'hostname') values[URL_DOMAIN] ??= text;
  else if (name === 'unique_id') values[REQUEST_ID] ??= text;
  else if (name === 'uri' && values[URL_ORIGINAL] === undefined) {
    values[URL_ORIGINAL] = redactUrl(text);
    values[PATH] = decodedPath(text.split('?', 1)[0]!);
  }
}
