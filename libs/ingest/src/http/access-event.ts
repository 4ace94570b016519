import type { FieldValue } from '#ecs';
import type { LogEvent } from '../log-event.js';
import { ACTION, CATEGORY, OUTCOME, METHOD, PATH, STATUS, TYPE, USER } from '../slots.js';
import { loginResult } from './login-route.js';

const web: readonly string[] = Object.freeze(['web']);
const webAuthentication: readonly string[] = Object.freeze(['web', 'authentication']);
const access: readonly string[] = Object.freeze(['access']);
const accessStart: readonly string[] = Object.freeze(['access', 'start']);

/** Fills what every access event derives from request and answer. A value that the log itself gave stays. */
export function finishAccess(event: LogEvent): void {
  const { values } = event;
  const status = values[STATUS];
  const path = values[PATH];
  const login =
    values[ACTION] === undefined && typeof path === 'string' ? loginResult(values[METHOD], path, status, values[USER]) : undefined;
  if (values[CATEGORY] === undefined) values[CATEGORY] = login === undefined ? web : webAuthentication;
  else if (login !== undefined) values[CATEGORY] = withAuthentication(values[CATEGORY]);
  if (values[TYPE] === undefined) values[TYPE] = login === undefined ? access : accessStart;
  if (login !== undefined) values[ACTION] = login;
  if (values[OUTCOME] !== undefined) return;
  if (login !== undefined) values[OUTCOME] = login === 'authn_login_fail' ? 'failure' : 'success';
  else values[OUTCOME] = typeof status !== 'number' ? 'unknown' : status < 400 ? 'success' : 'failure';
}

function withAuthentication(category: FieldValue): FieldValue {
  const present: readonly string[] =
    typeof category === 'string' ? [category] : Array.isArray(category) ? (category as readonly string[]) : [];
  return present.includes('authentication') ? present : [...present, 'authentication'];
}
