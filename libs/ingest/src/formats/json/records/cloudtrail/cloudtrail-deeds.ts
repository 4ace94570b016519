import type { DeedText } from '../deeds.js';

/** Cognito's calls that try a password, and those that answer its challenge. */
export const cognitoLogins: readonly string[] = ['InitiateAuth', 'AdminInitiateAuth'];
export const cognitoAnswers: readonly string[] = ['RespondToAuthChallenge', 'AdminRespondToAuthChallenge', 'VerifySoftwareToken'];

const table = {
  login: 'ConsoleLogin UserAuthentication InitiateAuth AdminInitiateAuth Login_GET Login_POST CognitoLogin',
  logout: 'Logout GlobalSignOut AdminUserGlobalSignOut SignOut',
  mfa: 'CheckMfa RespondToAuthChallenge AdminRespondToAuthChallenge',
  authn: 'SwitchRole ExitRole RenewRole Authenticate Federate CredentialChallenge CredentialVerification GetSigninToken SignOutUser',
  token:
    'AssumeRole* GetSessionToken GetFederationToken CreateAccessKey CreateToken CreateTokenWithIAM GetRoleCredentials GetCredentialsForIdentity GetOpenIdToken* GetId CreateServiceSpecificCredential ResetServiceSpecificCredential CreateApiKey CreateAPIKey GetTokensFromRefreshToken StartDeviceAuthorization CreateOAuth* Token_POST',
  token_revoke: 'DeleteAccessKey DeleteServiceSpecificCredential DeleteApiKey RevokeToken RevokeRefreshToken',
  password:
    'ChangePassword CreateLoginProfile UpdateLoginProfile DeleteLoginProfile PasswordRecoveryCompleted AdminSetUserPassword ConfirmForgotPassword UpdatePassword EmailUpdated',
  password_reset: 'PasswordRecoveryRequested ForgotPassword AdminResetUserPassword ResetPassword',
  mfa_enrol:
    'EnableMFADevice ResyncMFADevice AssociateSoftwareToken VerifySoftwareToken SetUserMFAPreference AdminSetUserMFAPreference CreateMfaDevice StartMfaDeviceRegistration CompleteMfaDeviceRegistration',
  mfa_remove: 'DeactivateMFADevice DeleteVirtualMFADevice DeleteMfaDeviceForUser DeleteMfaDevice',
  user_create: 'CreateUser AdminCreateUser SignUp CreateRole CreateServiceLinkedRole ConfirmSignUp',
  user_update:
    'UpdateUser UpdateAccessKey UploadSSHPublicKey UpdateSSHPublicKey DeleteSSHPublicKey AdminUpdateUserAttributes UpdateUserAttributes TagUser UntagUser AdminEnableUser EnableUser UploadSigningCertificate UpdateSigningCertificate',
  user_archive: 'AdminDisableUser DisableUser',
  user_delete: 'DeleteUser AdminDeleteUser DeleteRole',
  privileges:
    'AttachUserPolicy* AttachRolePolicy* AttachGroupPolicy* DetachUserPolicy DetachRolePolicy DetachGroupPolicy PutUserPolicy* PutRolePolicy* PutGroupPolicy* DeleteUserPolicy DeleteRolePolicy DeleteGroupPolicy PutUserPermissionsBoundary PutRolePermissionsBoundary DeleteUserPermissionsBoundary DeleteRolePermissionsBoundary CreatePolicy CreatePolicyVersion SetDefaultPolicyVersion DeletePolicy DeletePolicyVersion UpdateAssumeRolePolicy AddRoleToInstanceProfile RemoveRoleFromInstanceProfile AddPermission AddPermission20* CreateAccountAssignment DeleteAccountAssignment AttachManagedPolicyToPermissionSet PutInlinePolicyToPermissionSet PutBucketPolicy PutBucketAcl DeleteBucketPolicy PutKeyPolicy PutResourcePolicy CreateGrant ModifyImageAttribute ModifySnapshotAttribute',
  group:
    'AddUserToGroup RemoveUserFromGroup CreateGroup DeleteGroup UpdateGroup AdminAddUserToGroup AdminRemoveUserFromGroup CreateGroupMembership DeleteGroupMembership AddMemberToGroup RemoveMemberFromGroup',
  iam: 'CreateVirtualMFADevice CreateSAMLProvider UpdateSAMLProvider DeleteSAMLProvider CreateOpenIDConnectProvider UpdateOpenIDConnectProvider* DeleteOpenIDConnectProvider GetAccountAuthorizationDetails GetUser ListUsers ListRoles ListAccessKeys GetCredentialReport GenerateCredentialReport',
  monitor_off:
    'StopLogging DeleteTrail DeleteFlowLogs DeleteDetector DisableSecurityHub DisassociateFromMasterAccount DisassociateFromAdministratorAccount StopMonitoringMembers DeleteConfigurationRecorder StopConfigurationRecorder DeleteDeliveryChannel DeleteEventDataStore StopEventDataStoreIngestion DeleteAlarms DisableAlarmActions DeleteLogGroup DeleteLogStream DisableMacie DeleteAnalyzer DeleteWebACL DeleteLoggingConfiguration',
  config:
    'UpdateTrail CreateTrail StartLogging PutEventSelectors PutInsightSelectors UpdateDetector UpdateAccountPasswordPolicy DeleteAccountPasswordPolicy CreateAccountAlias DeleteAccountAlias CreateInstanceProfile AuthorizeSecurityGroup* RevokeSecurityGroup* PutBucketPublicAccessBlock DeleteBucketPublicAccessBlock',
} as const satisfies Partial<Record<DeedText, string>>;

/** What CloudTrail's event names mean; most of AWS's thousands of calls are none of identity's business. */
export const cloudtrailDeeds: Readonly<Record<string, DeedText>> = Object.fromEntries(
  Object.entries(table).flatMap(([deed, names]) => names.split(' ').map((name) => [name, deed as DeedText] as const)),
);
