import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** Cisco Duo's authentication log, versions 1 and 2 of the Admin API (https://duo.com/docs/adminapi#authentication-logs). */
export const duo: RecordShape = {
  name: 'duo',
  marks: ['factor', 'txid'],
  find: (tree) =>
    ('timestamp' in tree || 'isotimestamp' in tree) && 'result' in tree && (isObject(tree['user']) || 'integration' in tree)
      ? tree
      : undefined,
  module: 'cisco_duo',
  dataset: 'cisco_duo.auth',
  time: ['isotimestamp', 'timestamp'],
  id: 'txid',
  fields: {
    'event.code': ['event_type', 'eventtype'],
    'event.reason': 'reason',
    'source.ip': ['access_device.ip', 'ip'],
    'source.geo.city_name': ['access_device.location.city', 'location.city'],
    'user.id': ['user.key', 'user_id'],
    'user.name': ['user.name', 'username'],
    'user.email': 'email',
    'service.name': ['application.name', 'integration'],
    'user_agent.name': ['access_device.browser', 'access_browser'],
    'user_agent.version': ['access_device.browser_version'],
    'user_agent.os.name': ['access_device.os'],
    'user_agent.os.version': ['access_device.os_version'],
    'gatewatch.auth.factor': 'factor',
    'gatewatch.auth.device': ['auth_device.name', 'device'],
  },
  outcome: { from: 'result', success: ['success'], failure: ['denied', 'failure', 'fraud', 'error'] },
  // Duo is the second factor: the login was counted where the first was asked for.
  actions: { from: ['event_type', 'eventtype', 'factor'], of: { authentication: 'mfa', enrollment: 'mfa_enrol' }, otherwise: 'mfa' },
  when: [{ if: { result: 'fraud' }, set: { 'event.reason': 'user_marked_fraud' } }],
};
