import type { DeedText } from '../deeds.js';

const login = 's scoa sepft';
const loginFailed = 'f fp fu fc fco fcoa fepft passkey_challenge_failed';
const table = {
  'login:success': login,
  'login:failure': loginFailed,
  'logout:success': 'slo oidc_backchannel_logout_succeeded universal_logout_succeeded',
  'logout:failure': 'flo oidc_backchannel_logout_failed universal_logout_failed',
  'authn:success':
    'ssa cls cs passkey_challenge_started ciba_start_succeeded gd_start_auth gd_start_enroll gd_send_pn gd_send_sms gd_send_email gd_send_voice gd_send_email_verification gd_auth_email_verification mfar scph',
  'authn:failure':
    'fsa fn ciba_start_failed fpar fpurh fcph fdeac fdeaz fdecc fd gd_send_pn_failure gd_send_sms_failure gd_send_email_failure gd_send_voice_failure gd_send_email_verification_failure gd_auth_fail_email_verification',
  'token:success': 'sens seacft seccft sede sercft sertft secte sepkoobft sepkotpft sepkrcft sd seddft ciba_exchange_succeeded',
  'token:failure': 'fens feacft feccft fede fercft fertft fecte fepkoobft fepkotpft feddft ciba_exchange_failed',
  'token_reuse:failure': 'ferrt',
  'token_revoke:success': 'srrt',
  'mfa:success': 'seoobft seotpft gd_auth_succeed gd_recovery_succeed',
  'mfa:failure':
    'feoobft feotpft gd_auth_failed gd_otp_rate_limit_exceed gd_recovery_failed gd_recovery_rate_limit_exceed gd_webauthn_challenge_failed',
  'mfa_denied:failure': 'gd_auth_rejected',
  'mfa_enrol:success': 'gd_enrollment_complete',
  'mfa_enrol:failure': 'gd_start_enroll_failed gd_webauthn_enrollment_failed',
  'mfa_remove:success': 'gd_user_delete gd_unenroll',
  'user_update:success': 'gd_update_device_account ublkdu scu sce scun scpn sv svr',
  'user_update:failure': 'fcu fce fcun fcpn fv fvr',
  'password:success': 'scp',
  'password:failure': 'fcp',
  'password_reset:success': 'scpr',
  'password_reset:failure': 'fcpr',
  'user_create:success': 'ss sui si',
  'user_create:failure': 'fs fui fi',
  'user_delete:success': 'sdu du',
  'user_delete:failure': 'fdu',
  'login_lock:failure': 'limit_wc limit_sul limit_mu',
  'limit:failure': 'limit_delegation limit_ui api_limit appi',
  'limit:success': 'api_limit_warning',
  'threat:failure': 'pwd_leak signup_pwd_leak reset_pwd_leak',
  threat: 'pla',
  'iam:success': 'sapi mgmt_api_read sscim',
  'iam:failure': 'fscim',
  'authz:failure': 'fapi rich_consents_access_error',
  'config:success':
    'gd_module_switch gd_tenant_update admin_update_launch con appliance_configuration_api_write kms_key_creation_success kms_key_management_success kms_key_state_changed resource_cleanup',
  'config:failure': 'coff fcpro kms_key_management_failure actions_execution_failed',
  'other:success': 'depnote acls_summary',
  other: 'w',
} as const satisfies Partial<Record<DeedText, string>>;

/** What Auth0's type codes mean (https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes). */
export const auth0Deeds: Readonly<Record<string, DeedText>> = {
  ...Object.fromEntries(
    Object.entries(table).flatMap(([deed, codes]) => codes.split(' ').map((code) => [code, deed as DeedText] as const)),
  ),
  // Codes yet to come are told by their beginning.
  'gd_*': 'authn:success',
  'limit_*': 'limit:failure',
  'kms_*': 'config:success',
  'flows_*': 'other',
  'organization_*': 'iam:success',
};
