import { CATEGORY } from '../../../../slots.js';
import { signInCodes } from '../azure/entra-codes.js';
import type { Consequence, RecordShape } from '../record-map.js';
import { o365Deeds } from './o365-deeds.js';

/** Microsoft 365's unified audit log, as the Office 365 Management Activity API gives it (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema). */
export const o365: RecordShape = {
  name: 'o365',
  marks: ['CreationTime'],
  find: (tree) =>
    typeof tree['CreationTime'] === 'string' && ('RecordType' in tree || (typeof tree['Operation'] === 'string' && 'Workload' in tree))
      ? tree
      : undefined,
  module: 'o365',
  dataset: 'o365.audit',
  // Without saying so.
  timeZone: 'UTC',
  time: 'CreationTime',
  id: 'Id',
  none: ['Not Available', 'Unknown', '<null>'],
  fields: {
    'event.code': 'Operation',
    'event.reason': ['LogonError', 'ResultReasonType', 'ExtendedProperties[Name=ResultStatusDetail].Value', 'ResultStatusDetail'],
    'source.ip': ['ClientIP', 'ActorIpAddress', 'ClientIPAddress'],
    'user.name': ['UserId', 'MailboxOwnerUPN'],
    'user.id': 'UserKey',
    'user.target.name': ['TargetUserOrGroupName', 'Target[Type=5].ID', 'Members.0.UPN'],
    'user.target.roles': 'ModifiedProperties[Name=Role.DisplayName].NewValue',
    'group.name': ['ModifiedProperties[Name=Group.DisplayName].NewValue', 'TeamName'],
    'organization.id': 'OrganizationId',
    'service.name': 'Workload',
    'user_agent.original': ['UserAgent', 'ExtendedProperties[Name=UserAgent].Value', 'ClientInfoString'],
    'url.original': 'SiteUrl',
    'gatewatch.resource': 'ObjectId',
    'gatewatch.client.id': ['ApplicationId', 'ClientAppId', 'AppId'],
  },
  words: {
    'gatewatch.auth.mfa': {
      from: ['ExtendedProperties[Name=RequestType].Value', 'AuthenticationType'],
      of: { 'Sas:EndAuth': true, 'Sas:ProcessAuth': true },
    },
    'gatewatch.auth.method': {
      from: ['ExtendedProperties[Name=UserAuthenticationMethod].Value', 'ExtendedProperties[Name=RequestType].Value', 'LogonError'],
      of: {
        'OAuth2:Token': 'token',
        'Sas:*': 'push',
        'SAS:*': 'push',
        'Saml2:*': 'sso',
        'WsFed:*': 'sso',
        'Kmsi:*': 'session',
        1: 'password',
        16384: 'sso',
      },
    },
  },
  outcome: {
    from: 'ResultStatus',
    success: ['Succeeded', 'Success', 'PartiallySucceeded', 'True'],
    failure: ['Failed', 'Failure', 'False'],
  },
  actions: { from: 'Operation', of: o365Deeds, otherwise: 'other' },
  when: [
    ...signInCodes.flatMap(([codes, action]): Consequence[] => [{ if: { Operation: 'UserLoginFailed', ErrorNumber: codes }, action }]),
    {
      if: {
        Operation: 'UserLoginFailed',
        LogonError: [
          'UserStrongAuth*',
          'UserStrongAuthClientAuthNRequired*',
          'DeviceAuthenticationRequired',
          'SsoArtifact*',
          'InteractionRequired*',
        ],
      },
      action: 'authn',
    },
    { if: { Operation: 'UserLoginFailed', LogonError: ['*Blocked*', 'IdsLocked', '*Locked*'] }, action: 'login_lock:failure' },
    // Exchange and Entra call the login of a mailbox's keeper and of an administrator otherwise.
    { if: { Operation: 'MailboxLogin', LogonType: [1, 2] }, action: 'authz_admin' },
    // A record without a result tells what was done.
    { if: { CreationTime: { exists: true }, ResultStatus: { exists: false } }, set: { 'event.outcome': 'success' } },
    { if: { Operation: { exists: false } }, action: 'other' },
  ],
  finish: ({ values }) => {
    // What is done in Exchange, SharePoint and Teams is done over the web, whatever else it is.
    const category = values[CATEGORY];
    if (Array.isArray(category) && !category.includes('authentication') && !category.includes('web'))
      values[CATEGORY] = [...(category as readonly string[]), 'web'];
  },
};
