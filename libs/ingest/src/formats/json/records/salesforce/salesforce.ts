import type { RecordShape } from '../record-map.js';

/** Login and API events of Salesforce's event log files, as JSON (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventlogfile_login.htm). */
export const salesforce: RecordShape = {
  name: 'salesforce',
  marks: ['TIMESTAMP_DERIVED'],
  find: (tree) => (typeof tree['EVENT_TYPE'] === 'string' && 'ORGANIZATION_ID' in tree ? tree : undefined),
  module: 'salesforce',
  dataset: 'salesforce.event_log',
  time: 'TIMESTAMP_DERIVED',
  fields: {
    'event.code': 'EVENT_TYPE',
    'event.reason': 'LOGIN_STATUS',
    'source.ip': ['CLIENT_IP', 'SOURCE_IP'],
    'user.name': 'USER_NAME',
    'user.id': 'USER_ID_DERIVED',
    'organization.id': 'ORGANIZATION_ID',
    'http.request.id': 'REQUEST_ID',
    'http.request.method': ['HTTP_METHOD', 'METHOD'],
    'http.response.status_code': 'STATUS_CODE',
    'url.original': ['URI', 'URL'],
    'user_agent.original': ['BROWSER_TYPE', 'USER_AGENT'],
    '@millis': 'RUN_TIME',
  },
  outcome: { from: ['LOGIN_STATUS', 'REQUEST_STATUS', 'SUCCESS'], success: ['LOGIN_NO_ERROR', 'Success', 'S', '1'], failure: ['F', '0'] },
  actions: { from: 'EVENT_TYPE', of: { Login: 'login', LoginAs: 'privileges', Logout: 'logout:success' } },
  access: true,
  // Any other status of a login says why it failed.
  when: [{ if: { LOGIN_STATUS: 'LOGIN_ERROR*' }, action: 'login:failure' }],
};
