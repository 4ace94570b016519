import type { DeedText } from '../deeds.js';

const table = {
  'login:success': 'login_success',
  'login:failure': 'login_failure',
  'logout:success': 'logout',
  mfa: 'login_verification login_challenge',
  'threat:success':
    'risky_sensitive_action_allowed suspicious_login suspicious_login_less_secure_app suspicious_programmatic_login user_signed_out_due_to_suspicious_session_cookie gov_attack_warning',
  'threat:failure': 'risky_sensitive_action_blocked blocked_sender',
  threat: 'suspicious_login*',
  'user_archive:success': 'account_disabled_* SUSPEND_USER ARCHIVE_USER',
  'password:success': 'password_edit CHANGE_PASSWORD',
  'password_reset:success': 'account_recovery_* RESET_PASSWORD',
  'mfa_enrol:success': '2sv_enroll passkey_enrolled ENROLL_2SV',
  'mfa_remove:success':
    '2sv_disable passkey_removed TURN_OFF_2_STEP_VERIFICATION UNENROLL_USER_FROM_STRONG_AUTH DELETE_2SV_SCRATCH_CODES REVOKE_SECURITY_KEY UNENROLL_USER_FROM_TITANIUM',
  'user_update:success':
    'CHANGE_PASSWORD_ON_NEXT_LOGIN recovery_email_edit recovery_phone_edit recovery_secret_qa_edit titanium_enroll titanium_unenroll UNSUSPEND_USER UNARCHIVE_USER UNDELETE_USER RENAME_USER CHANGE_USER_* CHANGE_FIRST_NAME CHANGE_LAST_NAME ADD_RECOVERY_* CHANGE_RECOVERY_* UPDATE_RECOVERY_* ADD_NICKNAME REMOVE_NICKNAME ADD_DISPLAY_NAME CHANGE_DISPLAY_NAME MOVE_USER_TO_ORG_UNIT GENERATE_2SV_SCRATCH_CODES GRANT_*_SEAT RESET_SIGNIN_COOKIES_NEXT',
  'user_create:success': 'CREATE_USER ACCEPT_USER_INVITATION BULK_UPLOAD USER_CREATED',
  'user_delete:success': 'DELETE_USER',
  'privileges:success':
    'ASSIGN_ROLE UNASSIGN_ROLE GRANT_ADMIN_PRIVILEGE GRANT_DELEGATED_ADMIN_PRIVILEGES REVOKE_ADMIN_PRIVILEGE REVOKE_DELEGATED_ADMIN_PRIVILEGES ADD_PRIVILEGE REMOVE_PRIVILEGE CREATE_ROLE DELETE_ROLE RENAME_ROLE UPDATE_ROLE AUTHORIZE_API_CLIENT_ACCESS REMOVE_API_CLIENT_ACCESS ADD_TO_TRUSTED_OAUTH2_APPS change_user_access change_acl_editors TRANSFER_DOCUMENT_OWNERSHIP CREATE_DATA_TRANSFER_REQUEST',
  'group:success':
    'ADD_GROUP_MEMBER REMOVE_GROUP_MEMBER UPDATE_GROUP_MEMBER* add_user remove_user ban_user_with_moderation accept_invitation join CREATE_GROUP DELETE_GROUP change_basic_setting',
  'session_end:success': 'RESET_SIGNIN_COOKIES SIGN_OUT_USER',
  'token:success': 'authorize request ADD_APPLICATION_PASSWORD CREATE_APPLICATION_SPECIFIC_PASSWORD',
  'token_revoke:success': 'revoke REVOKE_3LO_TOKEN REVOKE_3LO_DEVICE_TOKENS REVOKE_ASP',
  'authz:failure': 'deny activity_blocked',
  'api:success': 'activity view download access',
} as const satisfies Partial<Record<DeedText, string>>;

/** What the names of events mean: of logins and accounts in small letters, of the admin console in capitals. */
export const googleDeeds: Readonly<Record<string, DeedText>> = Object.fromEntries(
  Object.entries(table).flatMap(([deed, names]) => names.split(' ').map((name) => [name, deed as DeedText] as const)),
);
