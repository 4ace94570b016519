import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** MongoDB's audit log, of Atlas and of one's own servers (https://www.mongodb.com/docs/manual/reference/audit-message/). */
export const mongodb: RecordShape = {
  name: 'mongodb',
  marks: ['atype'],
  find: (tree) => (typeof tree['atype'] === 'string' && isObject(tree['ts']) && '$date' in tree['ts'] ? tree : undefined),
  module: 'mongodb',
  dataset: 'mongodb.audit',
  time: ['ts.$date', 'ts.$date.$numberLong'],
  fields: {
    'event.code': 'atype',
    'source.ip': 'remote.ip',
    'source.port': 'remote.port',
    'user.name': ['users.0.user', 'param.user'],
    'user.target.name': ['param.user'],
    'gatewatch.auth.factor': 'param.mechanism',
    'gatewatch.resource': ['param.ns', 'param.db'],
    'error.code': 'result',
  },
  words: {
    'gatewatch.auth.method': {
      from: 'param.mechanism',
      of: { 'SCRAM*': 'password', PLAIN: 'password', '*X509*': 'mtls', 'GSSAPI*': 'sso', '*OIDC*': 'sso', '*AWS*': 'signature' },
    },
  },
  outcome: { from: 'result', success: [0] },
  actions: {
    from: 'atype',
    of: {
      authenticate: 'login',
      logout: 'logout',
      authCheck: 'authz',
      createUser: 'user_create',
      dropUser: 'user_delete',
      dropAllUsersFromDatabase: 'user_delete',
      updateUser: 'user_update',
      'grantRole*': 'privileges',
      'revokeRole*': 'privileges',
      'grantPrivileges*': 'privileges',
      'revokePrivileges*': 'privileges',
      createRole: 'privileges',
      updateRole: 'privileges',
      'dropRole*': 'privileges',
      'dropAllRoles*': 'privileges',
      auditConfigure: 'monitor_off',
    },
    otherwise: 'config',
  },
  when: [{ if: { atype: 'authCheck' }, set: { 'event.type': ['access', 'info'] } }],
};
