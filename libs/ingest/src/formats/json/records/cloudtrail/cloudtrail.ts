import type { JsonObject } from '#ecs';
import { USER, USER_ID } from '../../../../slots.js';
import type { RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';
import { cloudtrailDeeds, cognitoAnswers, cognitoLogins } from './cloudtrail-deeds.js';

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
  none: ['HIDDEN_DUE_TO_SECURITY_REASONS', '***', 'Anonymous'],
  fields: {
    'event.code': 'eventName',
    'event.provider': 'eventSource',
    'event.reason': ['errorMessage', 'errorCode'],
    'error.code': 'errorCode',
    'error.message': 'errorMessage',
    'source.ip': 'sourceIPAddress',
    'user_agent.original': 'userAgent',
    'user.id': ['userIdentity.principalId', 'userIdentity.onBehalfOf.userId', 'userIdentity.credentialId'],
    'user.name': ['userIdentity.userName', 'userIdentity.sessionContext.sessionIssuer.userName', 'additionalEventData.UserName'],
    'user.target.name': [
      'requestParameters.userName',
      'requestParameters.targetUserName',
      'requestParameters.username',
      'responseElements.user.userName',
    ],
    'user.target.id': [
      'responseElements.user.userId',
      'requestParameters.userId',
      'requestParameters.principalId',
      'requestParameters.memberId.userId',
    ],
    'group.name': ['requestParameters.groupName', 'requestParameters.groupId'],
    'service.name': 'userIdentity.invokedBy',
    'cloud.account.id': ['recipientAccountId', 'userIdentity.accountId'],
    'cloud.region': 'awsRegion',
    'http.request.id': 'requestID',
    'gatewatch.identity.type': 'userIdentity.type',
    'gatewatch.identity.arn': 'userIdentity.arn',
    'gatewatch.identity.role': ['requestParameters.roleArn', 'userIdentity.sessionContext.sessionIssuer.arn'],
    'gatewatch.api_key.id': 'userIdentity.accessKeyId',
    'gatewatch.resource': [
      'requestParameters.policyArn',
      'requestParameters.bucketName',
      'requestParameters.secretId',
      'requestParameters.name',
      'requestParameters.roleName',
    ],
    'gatewatch.mfa': ['additionalEventData.MFAUsed', 'userIdentity.sessionContext.attributes.mfaAuthenticated'],
    'tls.version': 'tlsDetails.tlsVersion',
    'tls.cipher': 'tlsDetails.cipherSuite',
  },
  words: {
    'gatewatch.auth.mfa': {
      from: [
        'additionalEventData.MFAUsed',
        'userIdentity.sessionContext.attributes.mfaAuthenticated',
        'additionalEventData.CredentialType',
      ],
      of: { Yes: true, true: true, '*,*': true, No: false, false: false },
    },
    'gatewatch.auth.method': {
      from: ['additionalEventData.CredentialType', 'additionalEventData.MFAIdentifier', 'eventName', 'userIdentity.type'],
      of: {
        PASSWORD: 'password',
        '*TOTP*': 'otp',
        '*WEBAUTHN*': 'webauthn',
        '*U2F*': 'webauthn',
        '*FIDO*': 'webauthn',
        EXTERNAL_IDP: 'sso',
        '*SAML*': 'sso',
        '*WebIdentity*': 'sso',
        ConsoleLogin: 'password',
        AssumedRole: 'token',
        FederatedUser: 'token',
        IdentityCenterUser: 'sso',
      },
    },
  },
  constants: { 'cloud.provider': 'aws' },
  actions: { from: 'eventName', of: cloudtrailDeeds, otherwise: 'other' },
  when: [
    // A federated login has no password of AWS's own.
    {
      if: { eventName: 'ConsoleLogin', 'userIdentity.type': ['AssumedRole', 'SAMLUser', 'WebIdentityUser', 'FederatedUser'] },
      set: { 'gatewatch.auth.method': 'sso' },
    },
    { if: { eventName: 'ConsoleLogin', 'responseElements.ConsoleLogin': 'Failure' }, action: 'login:failure' },
    { if: { eventName: 'ConsoleLogin', 'responseElements.ConsoleLogin': 'Success' }, action: 'login:success' },
    { if: { eventName: 'CheckMfa', 'responseElements.CheckMfa': 'Failure' }, action: 'mfa:failure' },
    { if: { eventName: 'CheckMfa', 'responseElements.CheckMfa': 'Success' }, action: 'mfa:success' },
    { if: { eventName: 'CredentialVerification', 'serviceEventDetails.CredentialVerification': 'Success' }, action: 'authn:success' },
    {
      if: {
        eventName: 'CredentialVerification',
        'serviceEventDetails.CredentialVerification': 'Failure',
        'additionalEventData.CredentialType': ['*MFA*', '*TOTP*', '*WEBAUTHN*'],
      },
      action: 'mfa:failure',
    },
    { if: { eventName: 'CredentialVerification', 'serviceEventDetails.CredentialVerification': 'Failure' }, action: 'login:failure' },
    { if: { eventName: 'UserAuthentication', 'serviceEventDetails.UserAuthentication': 'Failure' }, action: 'login:failure' },
    { if: { eventName: 'PasswordRecoveryCompleted', 'responseElements.PasswordRecoveryCompleted': 'Failure' }, action: 'password:failure' },
    {
      if: { eventName: 'PasswordRecoveryRequested', 'responseElements.PasswordRecoveryRequested': 'Failure' },
      action: 'password_reset:failure',
    },
    { if: { eventName: 'SwitchRole', 'responseElements.SwitchRole': 'Failure' }, action: 'authz:failure' },
    { if: { eventName: [...cognitoLogins, ...cognitoAnswers], 'responseElements.challengeName': { exists: true } }, action: 'authn' },
    // Cognito's and Identity Center's refusals of a password are no lack of rights.
    {
      if: {
        eventName: cognitoLogins,
        errorCode: ['NotAuthorizedException', 'UserNotFoundException', 'PasswordResetRequiredException', 'UserNotConfirmedException'],
      },
      action: 'login:failure',
    },
    {
      if: { eventName: cognitoAnswers, errorCode: ['CodeMismatchException', 'ExpiredCodeException', 'NotAuthorizedException'] },
      action: 'mfa:failure',
    },
    {
      if: {
        errorCode: [
          'AccessDenied*',
          '*UnauthorizedOperation',
          'Client.Unauthorized*',
          'UnauthorizedAccess',
          'NotAuthorized*',
          'UnauthorizedException',
          'Forbidden*',
        ],
      },
      action: 'authz:failure',
    },
    { if: { errorCode: { exists: true } }, set: { 'event.outcome': 'failure' } },
    { if: { errorMessage: { exists: true } }, set: { 'event.outcome': 'failure' } },
    { if: { eventName: { exists: true } }, set: { 'event.outcome': 'success' } },
    { if: { 'userIdentity.type': 'Root', 'userIdentity.userName': null }, set: { 'user.name': 'root' } },
    { if: { 'userIdentity.type': 'Root' }, set: { 'user.roles': ['root'] } },
  ],
  finish: ({ values }, record) => {
    const identity = record['userIdentity'];
    if (!isObject(identity)) return;
    // Of a user that is not proven yet AWS writes the account, which is nobody.
    if (identity['type'] === 'Unknown' && values[USER_ID] === identity['accountId']) values[USER_ID] = undefined;
    const { arn } = identity;
    if (values[USER] === undefined && typeof arn === 'string' && arn.length < 2048) values[USER] = arn.slice(arn.lastIndexOf('/') + 1);
  },
};
