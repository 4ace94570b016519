import type { JsonValue } from '#ecs';
import type { DeedText } from '../deeds.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** What both products call the same; their words are titles in English, whatever the language of the site. */
const deeds: Readonly<Record<string, DeedText>> = {
  'user login': 'login:success',
  'user logged in': 'login:success',
  'user login failed': 'login:failure',
  'login failed': 'login:failure',
  'user logged out': 'logout:success',
  'user created': 'user_create:success',
  'user deleted': 'user_delete:success',
  'user deactivated': 'user_archive:success',
  'user activated': 'user_update:success',
  'user updated': 'user_update:success',
  'user renamed': 'user_update:success',
  'user details updated': 'user_update:success',
  "user's password changed": 'password:success',
  'password changed': 'password:success',
  'user added to group': 'group:success',
  'user removed from group': 'group:success',
  'group *': 'group:success',
  'global permission *': 'privileges:success',
  'space permission *': 'privileges:success',
  'project permission *': 'privileges:success',
  'permission *': 'privileges:success',
  'personal access token created': 'token:success',
  'api token created': 'token:success',
  'personal access token *': 'token_revoke:success',
};

/** Audit records of Jira's REST interface (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-audit-records/) and of Confluence Cloud. */
export const atlassianCloud: RecordShape = {
  name: 'atlassian-cloud',
  marks: ['objectItem', 'authorAccountId', 'authorKey', 'affectedObject'],
  find: (tree) => (typeof tree['summary'] === 'string' && ('created' in tree || 'creationDate' in tree) ? tree : undefined),
  module: 'atlassian',
  dataset: 'atlassian.audit',
  time: ['created', 'creationDate'],
  id: 'id',
  fields: {
    'event.code': 'category',
    'event.reason': 'summary',
    'event.provider': 'eventSource',
    'source.ip': 'remoteAddress',
    'user.id': ['authorAccountId', 'author.accountId', 'authorKey', 'author.username'],
    'user.name': ['author.username', 'author.displayName'],
    'user.target.id': ['associatedItems[typeName=USER].id'],
    'user.target.name': ['associatedItems[typeName=USER].name'],
    'gatewatch.resource': ['objectItem.name', 'affectedObject.name'],
  },
  actions: { from: 'summary', of: deeds, otherwise: 'config:success' },
};

/** Seconds and nanoseconds as milliseconds; what is no such pair as it stands. */
function wholeTime(value: JsonValue | undefined): JsonValue {
  const { epochSecond: seconds, nano } = isObject(value) ? value : {};
  if (typeof seconds !== 'number') return value ?? null;
  return seconds * 1000 + (typeof nano === 'number' ? Math.floor(nano / 1_000_000) : 0);
}

/** Records that Jira, Confluence and Bitbucket of one's own write to `audit` files (https://confluence.atlassian.com/doc/audit-log-events-in-confluence-1019395465.html). */
export const atlassianServer: RecordShape = {
  name: 'atlassian-server',
  marks: ['auditType'],
  find: (tree) => (isObject(tree['auditType']) && 'timestamp' in tree ? { ...tree, timestamp: wholeTime(tree['timestamp']) } : undefined),
  module: 'atlassian',
  dataset: 'atlassian.audit',
  time: 'timestamp',
  fields: {
    'event.code': ['auditType.actionI18nKey', 'auditType.category'],
    'event.reason': 'auditType.action',
    'event.provider': 'method',
    'source.ip': 'source',
    'user.id': 'author.id',
    'user.name': 'author.name',
    'user.target.id': 'affectedObjects[type=User].id',
    'user.target.name': 'affectedObjects[type=User].name',
    'group.name': 'affectedObjects[type=Group].name',
    'gatewatch.resource': 'affectedObjects.name',
  },
  none: ['Anonymous', '-2'],
  actions: { from: 'auditType.action', of: deeds, otherwise: 'config:success' },
};
