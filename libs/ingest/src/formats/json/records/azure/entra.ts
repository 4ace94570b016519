import type { JsonObject } from '#ecs';
import type { Consequence, RecordShape } from '../record-map.js';
import { isObject } from '../value-path.js';
import { diagnostic, fromTable } from './diagnostic.js';
import { auditDeeds, declined, methods, signInCodes, unanswered } from './entra-codes.js';

const constants = { 'cloud.provider': 'azure' };
const time = ['time', 'timeStamp', 'properties.createdDateTime', 'createdDateTime', 'properties.activityDateTime', 'activityDateTime'];
const signIns = [
  'SignInLogs',
  'NonInteractiveUserSignInLogs',
  'ServicePrincipalSignInLogs',
  'ManagedIdentitySignInLogs',
  'ADFSSignInLogs',
  'MicrosoftServicePrincipalSignInLogs',
];
const withoutPerson = signIns.filter((category) => category !== 'SignInLogs' && category !== 'ADFSSignInLogs');
const tables = {
  SigninLogs: 'SignInLogs',
  AADNonInteractiveUserSignInLogs: 'NonInteractiveUserSignInLogs',
  AADServicePrincipalSignInLogs: 'ServicePrincipalSignInLogs',
  AADManagedIdentitySignInLogs: 'ManagedIdentitySignInLogs',
  ADFSSignInLogs: 'ADFSSignInLogs',
};
const marks = ['category', 'createdDateTime', 'TimeGenerated'];
/** What the record says of how it ended, in a diagnostic record and in what Microsoft Graph answers. */
const codePlaces = ['resultType', 'properties.status.errorCode'];
const resultPlaces = [
  'properties.status.additionalDetails',
  'properties.authenticationDetails.0.authenticationStepResultDetail',
  'properties.authenticationDetails.1.authenticationStepResultDetail',
];

/** The same condition at each of some places. */
function anywhere(places: readonly string[], then: (place: string) => Consequence): Consequence[] {
  return places.map(then);
}

/** Entra ID's sign-ins, as a diagnostic setting writes them, as Microsoft Graph answers and as rows of Log Analytics (https://learn.microsoft.com/entra/identity/monitoring-health/reference-azure-monitor-sign-ins-log-schema). */
export const entra: RecordShape = {
  name: 'entra',
  marks,
  find: (tree) =>
    diagnostic(tree, ...signIns) ??
    fromTable(tree, tables) ??
    (tree['category'] === undefined && 'createdDateTime' in tree && 'appId' in tree && isObject(tree['status'])
      ? { properties: tree }
      : undefined),
  module: 'azure',
  dataset: 'azure.signinlogs',
  timeZone: 'UTC',
  time,
  id: ['properties.id'],
  none: ['Not Available', 'Unknown', 'None'],
  fields: {
    'event.code': codePlaces,
    'event.reason': ['resultDescription', 'properties.status.failureReason', 'properties.status.additionalDetails'],
    'event.provider': 'category',
    '@millis': 'durationMs',
    'source.ip': ['properties.ipAddress', 'callerIpAddress'],
    'source.geo.country_iso_code': 'properties.location.countryOrRegion',
    'source.geo.city_name': 'properties.location.city',
    'source.as.number': 'properties.autonomousSystemNumber',
    'user_agent.original': 'properties.userAgent',
    'user.id': ['properties.userId', 'properties.servicePrincipalId'],
    'user.name': [
      'properties.userPrincipalName',
      'properties.servicePrincipalName',
      'properties.alternateSignInName',
      'properties.userDisplayName',
      'identity',
    ],
    'user.full_name': 'properties.userDisplayName',
    'service.name': ['properties.appDisplayName', 'properties.resourceDisplayName'],
    'http.request.id': ['correlationId', 'properties.correlationId'],
    'gatewatch.client.id': 'properties.appId',
    'gatewatch.risk.level': ['properties.riskLevelDuringSignIn', 'properties.riskLevelAggregated'],
    'gatewatch.conditional_access': 'properties.conditionalAccessStatus',
    'gatewatch.client.app': 'properties.clientAppUsed',
    'gatewatch.auth.factor': ['properties.mfaDetail.authMethod', 'properties.authenticationDetails.1.authenticationMethod'],
  },
  constants,
  words: {
    'gatewatch.auth.method': {
      from: [
        'properties.authenticationDetails.0.authenticationMethod',
        'properties.authenticationMethodsUsed',
        'properties.mfaDetail.authMethod',
        'properties.clientCredentialType',
      ],
      of: methods,
    },
  },
  outcome: { from: codePlaces, success: [0] },
  when: [
    ...anywhere(codePlaces, (place) => ({
      if: { [place]: 0, 'properties.authenticationRequirement': 'multiFactorAuthentication' },
      set: { 'gatewatch.auth.mfa': true },
    })),
    ...anywhere(codePlaces, (place) => ({
      if: { [place]: 0, 'properties.authenticationRequirement': 'singleFactorAuthentication' },
      set: { 'gatewatch.auth.mfa': false },
    })),
    ...resultPlaces.flatMap((result) =>
      anywhere(codePlaces, (place) => ({ if: { [place]: 500121, [result]: declined }, action: 'mfa_denied:failure' })),
    ),
    ...resultPlaces.flatMap((result) =>
      anywhere(codePlaces, (place) => ({ if: { [place]: 500121, [result]: unanswered }, action: 'mfa_timeout:failure' })),
    ),
    ...signInCodes.flatMap(([codes, action]) => anywhere(codePlaces, (place) => ({ if: { [place]: codes }, action }))),
    { if: { category: withoutPerson }, action: 'token' },
    { if: { 'properties.signInEventTypes': ['servicePrincipal', 'managedIdentity', 'nonInteractiveUser'] }, action: 'token' },
    { if: { properties: null }, action: 'login' },
  ],
  actions: { from: ['operationName', 'properties.appId', 'category'], of: { '*': 'login' }, otherwise: 'login' },
};

/** Entra ID's directory audit. */
export const entraAudit: RecordShape = {
  name: 'entra-audit',
  marks: [...marks, 'activityDisplayName'],
  find: (tree) =>
    diagnostic(tree, 'AuditLogs') ??
    fromTable(tree, { AuditLogs: 'AuditLogs' }) ??
    (typeof tree['activityDisplayName'] === 'string' && 'initiatedBy' in tree ? { properties: tree } : undefined),
  module: 'azure',
  dataset: 'azure.auditlogs',
  timeZone: 'UTC',
  time: ['time', 'properties.activityDateTime'],
  id: 'properties.id',
  fields: {
    'event.code': ['properties.activityDisplayName', 'operationName'],
    'event.reason': ['properties.resultReason', 'resultDescription'],
    'event.provider': 'properties.loggedByService',
    'source.ip': ['properties.initiatedBy.user.ipAddress', 'callerIpAddress'],
    'user.id': ['properties.initiatedBy.user.id', 'properties.initiatedBy.app.servicePrincipalId', 'properties.initiatedBy.app.appId'],
    'user.name': [
      'properties.initiatedBy.user.userPrincipalName',
      'properties.initiatedBy.user.displayName',
      'properties.initiatedBy.app.displayName',
      'identity',
    ],
    'user.target.id': 'properties.targetResources[type=User].id',
    'user.target.name': 'properties.targetResources[type=User].userPrincipalName',
    'user.target.full_name': 'properties.targetResources[type=User].displayName',
    'group.name': 'properties.targetResources[type=Group].displayName',
    'user.target.roles': 'properties.targetResources[type=Role].displayName',
    'service.name': [
      'properties.targetResources[type=Application].displayName',
      'properties.targetResources[type=ServicePrincipal].displayName',
    ],
    'http.request.id': ['correlationId', 'properties.correlationId'],
    'gatewatch.resource': 'properties.targetResources.0.displayName',
  },
  constants,
  outcome: {
    from: ['properties.result', 'resultSignature', 'result', 'resultType'],
    success: ['success', 'Success'],
    failure: ['failure', 'timeout', 'clientError', 'Failure'],
  },
  actions: { from: ['properties.activityDisplayName', 'operationName'], of: auditDeeds, otherwise: 'iam' },
};

const risks = ['UserRiskEvents', 'RiskyUsers', 'ServicePrincipalRiskEvents', 'RiskyServicePrincipals'];
const riskTables = {
  AADUserRiskEvents: 'UserRiskEvents',
  AADRiskyUsers: 'RiskyUsers',
  AADServicePrincipalRiskEvents: 'ServicePrincipalRiskEvents',
  AADRiskyServicePrincipals: 'RiskyServicePrincipals',
};

function riskOf(tree: JsonObject): JsonObject | undefined {
  const found = diagnostic(tree, ...risks) ?? fromTable(tree, riskTables);
  if (found) return found;
  // Microsoft Graph's riskDetections.
  return typeof tree['riskEventType'] === 'string' && 'riskState' in tree ? { properties: tree } : undefined;
}

/** What Entra ID Protection suspects (https://learn.microsoft.com/entra/id-protection/concept-identity-protection-risks). */
export const entraRisk: RecordShape = {
  name: 'entra-risk',
  marks: [...marks, 'riskEventType'],
  find: riskOf,
  module: 'azure',
  dataset: 'azure.identity_protection',
  timeZone: 'UTC',
  time: ['time', 'properties.activityDateTime', 'properties.detectedDateTime', 'properties.riskLastUpdatedDateTime'],
  fields: {
    'event.code': ['properties.riskEventType', 'properties.riskType', 'operationName', 'category'],
    'event.reason': ['properties.riskDetail', 'properties.riskEventType'],
    'event.provider': 'properties.source',
    'source.ip': ['properties.ipAddress', 'callerIpAddress'],
    'source.geo.country_iso_code': 'properties.location.countryOrRegion',
    'source.geo.city_name': 'properties.location.city',
    'user.id': ['properties.userId', 'properties.servicePrincipalId', 'properties.id'],
    'user.name': ['properties.userPrincipalName', 'properties.servicePrincipalDisplayName', 'properties.userDisplayName', 'identity'],
    'user.full_name': 'properties.userDisplayName',
    'http.request.id': ['properties.correlationId', 'correlationId'],
    'gatewatch.risk.level': 'properties.riskLevel',
    'gatewatch.risk.state': 'properties.riskState',
  },
  none: ['none'],
  constants,
  actions: {
    from: ['properties.riskEventType', 'properties.riskType', 'category'],
    of: { 'impossibleTravel*': 'impossible_travel', 'mcasImpossibleTravel*': 'impossible_travel', unlikelyTravel: 'impossible_travel' },
    otherwise: 'threat',
  },
};
