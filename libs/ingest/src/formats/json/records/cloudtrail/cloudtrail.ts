import type { JsonObject } from '#ecs';
import { USER } from '../../../../slots.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';

/** AWS CloudTrail's records, alone or as EventBridge wraps them (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html). */
export const cloudtrail: RecordShape = {
  name: 'cloudtrail',
  marks: ['eventSource', 'detail'],
  find: (tree) => {
    const record: JsonObject = isObject(tree['detail']) ? tree['detail'] : tree;
    return typeof record['eventSource'] === 'string' &&
      'eventName' in record &&
      'eventTime' in record &&
      ('eventVersion' in record || 'awsRegion' in record)
      ? record
      : undefined;
  },
  module: 'aws',
  dataset: 'aws.cloudtrail',
  time: 'eventTime',
  id: 'eventID',
  fields: {
    'event.code': 'eventName',
    'event.provider': 'eventSource',
    'event.reason': ['errorMessage', 'errorCode'],
    'error.code': 'errorCode',
    'error.message': 'errorMessage',
    'source.ip': 'sourceIPAddress',
    'user_agent.original': 'userAgent',
    'user.id': 'userIdentity.principalId',
    'user.name': ['userIdentity.userName', 'userIdentity.sessionContext.sessionIssuer.userName', 'additionalEventData.UserName'],
    'user.target.name': ['requestParameters.userName', 'requestParameters.targetUserName'],
    'group.name': 'requestParameters.groupName',
    'cloud.account.id': ['recipientAccountId', 'userIdentity.accountId'],
    'cloud.region': 'awsRegion',
    'http.request.id': 'requestID',
    'gatewatch.identity.type': 'userIdentity.type',
    'gatewatch.identity.arn': 'userIdentity.arn',
    'gatewatch.mfa': ['additionalEventData.MFAUsed', 'userIdentity.sessionContext.attributes.mfaAuthenticated'],
    'tls.cipher': 'tlsDetails.cipherSuite',
  },
  constants: { 'cloud.provider': 'aws' },
  actions: {
    from: 'eventName',
    of: {
      ConsoleLogin: 'login',
      CheckMfa: 'mfa',
      SwitchRole: 'authn',
      ExitRole: 'authn',
      'AssumeRole*': 'token',
      GetSessionToken: 'token',
      GetFederationToken: 'token',
      Authenticate: 'login',
      UserAuthentication: 'login',
      Logout: 'logout',
      ChangePassword: 'password',
      CreateLoginProfile: 'password',
      UpdateLoginProfile: 'password',
      PasswordRecoveryRequested: 'authn',
      PasswordRecoveryCompleted: 'password',
      CreateVirtualMFADevice: 'iam',
      EnableMFADevice: 'mfa_enrol',
      DeactivateMFADevice: 'mfa_remove',
      DeleteVirtualMFADevice: 'mfa_remove',
      CreateAccessKey: 'token',
      DeleteAccessKey: 'token_revoke',
      CreateUser: 'user_create',
      DeleteUser: 'user_delete',
      UpdateUser: 'user_update',
      UpdateAccessKey: 'user_update',
      UploadSSHPublicKey: 'user_update',
      UpdateSSHPublicKey: 'user_update',
      DeleteSSHPublicKey: 'user_update',
      'AttachUserPolicy*': 'privileges',
      'AttachRolePolicy*': 'privileges',
      'AttachGroupPolicy*': 'privileges',
      'PutUserPolicy*': 'privileges',
      'PutRolePolicy*': 'privileges',
      'PutGroupPolicy*': 'privileges',
      CreatePolicyVersion: 'privileges',
      SetDefaultPolicyVersion: 'privileges',
      UpdateAssumeRolePolicy: 'privileges',
      AddUserToGroup: 'group',
      RemoveUserFromGroup: 'group',
      CreateGroup: 'group',
      DeleteGroup: 'group',
      UpdateGroup: 'group',
      StopLogging: 'config',
      DeleteTrail: 'config',
      UpdateTrail: 'config',
      CreateTrail: 'config',
      PutEventSelectors: 'config',
      UpdateAccountPasswordPolicy: 'config',
    },
    otherwise: 'other',
  },
  when: [
    { if: { eventName: 'ConsoleLogin', 'responseElements.ConsoleLogin': 'Failure' }, action: 'login:failure' },
    { if: { eventName: 'ConsoleLogin', 'responseElements.ConsoleLogin': 'Success' }, action: 'login:success' },
    { if: { eventName: 'CheckMfa', 'responseElements.CheckMfa': 'Failure' }, action: 'mfa:failure' },
    { if: { eventName: 'ChangePassword', errorCode: { exists: true } }, action: 'password:failure' },
    { if: { eventName: ['AssumeRole*', 'ConsoleLogin'], errorCode: { exists: true } }, set: { 'event.outcome': 'failure' } },
    {
      if: { errorCode: ['AccessDenied*', '*UnauthorizedOperation', 'Client.Unauthorized*', 'UnauthorizedAccess', 'NotAuthorized*'] },
      action: 'authz:failure',
    },
    { if: { errorCode: { exists: true } }, set: { 'event.outcome': 'failure' } },
    { if: { errorMessage: { exists: true } }, set: { 'event.outcome': 'failure' } },
    { if: { eventName: { exists: true } }, set: { 'event.outcome': 'success' } },
    { if: { 'userIdentity.type': 'Root', 'userIdentity.userName': null }, set: { 'user.name': 'root' } },
    // IAM Identity Center names the user elsewhere.
    { if: { 'userIdentity.type': 'Root' }, set: { 'user.roles': ['root'] } },
  ],
  finish: (event, record) => {
    // An assumed role's session is named behind the colon: the person, where federation passes it on.
    const identity = record['userIdentity'];
    const arn = isObject(identity) ? identity['arn'] : undefined;
    if (event.values[USER] === undefined && typeof arn === 'string' && arn.length < 2048)
      event.values[USER] = arn.slice(arn.lastIndexOf('/') + 1);
  },
};
