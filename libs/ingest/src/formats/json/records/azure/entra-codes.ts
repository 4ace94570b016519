import type { DeedText } from '../deeds.js';

const codes = (text: string): readonly string[] => text.split(' ');

/** What result codes of a sign-in mean (https://learn.microsoft.com/entra/identity-platform/reference-error-codes); any other that is not 0 is a failed login. */
export const signInCodes: readonly (readonly [readonly string[], DeedText])[] = [
  // They interrupt a sign-in and say nothing of its end: a second factor or its enrolment, a consent, a choice of account, a "stay signed in?" page.
  [
    codes(
      '50058 50072 50074 50076 50079 50097 50125 50127 50129 50140 50143 50158 50187 50199 50203 50206 65001 65002 81010 81012 81014 16000 16001 16002 16003 17003 28002 28003 51006 52004 501314 530021 9002341 399284 90094 90095',
    ),
    'authn',
  ],
  [codes('50053'), 'login_lock:failure'],
  [codes('500121 50088 50087 50089 50119 50086 50131'), 'mfa:failure'],
  // Tokens that ran out or were taken back.
  [codes('50132 50133 50173 70000 70002 70008 70043 70044 700081 700082 700084 54005 500133 135010 160021'), 'token:failure'],
  [codes('7000215 7000222 7000112 7000218 700016 700027 700030 700211 700213 700024 90013 9002313'), 'token:failure'],
  // The password was right; policy said no.
  [
    codes('50105 53000 53001 53002 53003 53004 53009 53010 53011 530002 530003 530032 530034 530035 65004 65005 90092'),
    'login_refused:failure',
  ],
];

/** How a second factor was turned down, in the words of `additionalDetails` and `authenticationStepResultDetail`. */
export const declined: readonly string[] = ['*declined*', '*fraud*'];
export const unanswered: readonly string[] = ['*did not respond*', '*no response*', '*timed out*', '*timeout*', '*expired*'];

/** Their names of ways to sign in, in ours. */
export const methods = {
  'Mobile app notification': 'push',
  PhoneAppNotification: 'push',
  '*phone sign-in*': 'push',
  '*verification code*': 'otp',
  '*OATH*': 'otp',
  PhoneAppOTP: 'otp',
  'Temporary Access Pass': 'otp',
  'Text message': 'sms',
  OneWaySMS: 'sms',
  TwoWaySMS: 'sms',
  'Phone call*': 'phone',
  'TwoWayVoice*': 'phone',
  '*FIDO*': 'webauthn',
  '*Passkey*': 'webauthn',
  '*Windows Hello*': 'webauthn',
  '*Platform Credential*': 'webauthn',
  '*Certificate*': 'mtls',
  '*x509*': 'mtls',
  '*Password*': 'password',
  'Pass-through*': 'password',
  '*Federat*': 'sso',
  '*SAML*': 'sso',
  '*Seamless*': 'sso',
  '*Integrated Windows*': 'sso',
  'Email*': 'email',
  'Previously satisfied': 'session',
  'Primary Refresh Token': 'session',
  'Client secret': 'token',
  clientSecret: 'token',
  federatedIdentityCredential: 'sso',
} as const;

const audit = {
  user_create: [
    'Add user',
    'Invite external user',
    'Redeem external user invite',
    'Create user*',
    'Bulk create users*',
    'Bulk invite*',
    'Restore user',
    'User has been created*',
  ],
  user_delete: ['Delete user', 'Hard Delete user', 'Bulk delete users*'],
  user_archive: ['Disable account', 'Delete device', 'Disable user'],
  user_update: [
    'Update user',
    'Enable account',
    'Change user license',
    'Unlock user account*',
    'User changed default security info',
    'Set force change user password',
    'Convert federated user*',
    'Update user attribute*',
  ],
  password: [
    'Change user password',
    'Change password (self-service)',
    'Change password*',
    'Update PasswordProfile',
    'Reset password (by admin)',
    'Reset user password',
  ],
  password_reset: ['Reset password (self-service)', 'Self-serve password reset*', 'Reset password*', 'Generate password reset*'],
  mfa_enrol: [
    'User registered security info',
    'User registered all required security info',
    'Admin registered security info',
    'Enable Strong Authentication',
    'Add Passkey*',
    'Add FIDO2*',
    'Add Windows Hello*',
    'Create temporary access pass*',
    'Register device',
    'Create authentication method*',
  ],
  mfa_remove: [
    'User deleted security info',
    'Admin deleted security info',
    'Disable Strong Authentication',
    'Delete authentication method*',
    'Delete Passkey*',
    'Delete FIDO2*',
    'Delete Windows Hello*',
  ],
  authn: ['User started security info registration', 'User cancelled security info registration', 'User reviewed security info'],
  privileges: [
    'Add member to role*',
    'Add eligible member to role*',
    'Add scoped member to role*',
    'Remove member from role*',
    'Remove eligible member from role*',
    'Remove scoped member*',
    'Add role assignment*',
    'Remove role assignment*',
    'Add app role assignment*',
    'Remove app role assignment*',
    'Consent to application',
    'Add delegated permission grant',
    'Remove delegated permission grant',
    'Add OAuth2PermissionGrant',
    'Remove OAuth2PermissionGrant',
    'Add owner to *',
    'Remove owner from *',
    'Add registered owner*',
    'Add role definition*',
    'Update role definition*',
    'Update role setting*',
    'Add role from template',
    'User has elevated their access*',
    'Elevate*',
    'Set federation settings on domain',
    'Set domain authentication',
    'Add partner to company',
  ],
  group: ['Add member to group', 'Remove member from group', 'Add group*', 'Delete group', 'Update group'],
  token: [
    'Add service principal credentials',
    'Update application – Certificates*',
    'Update application - Certificates*',
    'Issue an id_token*',
    'Issue an access_token*',
    'Issue an authorization_code*',
  ],
  token_revoke: ['Remove service principal credentials', 'Revoke consent', 'Revoke refresh token*'],
  session_end: ['Update StsRefreshTokenValidFrom*', 'Revoke sign in sessions', 'Revoke user sign-in sessions'],
  threat: [
    'Fraud reported*',
    'User reported*',
    'Suspicious activity*',
    'Risky*',
    'Admin confirmed user compromised*',
    'ConfirmAccountCompromised*',
    'ConfirmCompromised*',
  ],
  config: [
    'Add conditional access policy',
    'Update conditional access policy',
    'Delete conditional access policy',
    'Add named location',
    'Update named location',
    'Delete named location',
    'Add application',
    'Update application',
    'Delete application',
    'Hard Delete application',
    'Add service principal',
    'Update service principal',
    'Remove service principal',
    'Hard delete service principal',
    'Add policy',
    'Update policy',
    'Delete policy',
    'Update authorization policy',
    'Authentication Methods Policy*',
    'Update company*',
    'Set company*',
    'Add unverified domain',
    'Add verified domain',
    'Verify domain',
    'Remove unverified domain',
    'Remove verified domain',
    'Update external*',
    'Disable Desktop Sso*',
    'Enable Desktop Sso*',
  ],
  monitor_off: ['Delete diagnostic setting*', 'Disable PIM alert'],
} as const satisfies Partial<Record<DeedText, readonly string[]>>;

/** What activities of the directory audit mean; the unified audit log of Microsoft 365 writes them with a full stop behind. */
export const auditDeeds: Readonly<Record<string, DeedText>> = Object.fromEntries(
  Object.entries(audit).flatMap(([deed, names]) =>
    names.flatMap((name) =>
      name.endsWith('*')
        ? [[name, deed as DeedText]]
        : [
            [name, deed as DeedText],
            [`${name}.`, deed as DeedText],
          ],
    ),
  ),
);
