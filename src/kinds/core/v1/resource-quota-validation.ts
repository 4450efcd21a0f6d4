import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { FIELD_IS_IMMUTABLE } from '../../../machinery/validate-object-meta.ts'
import type {
  ResourceQuota,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from './resource-quota.ts'
import { validateQuantity, validateResourceName } from './resource-validation.ts'

type Amounts = { readonly [name: string]: string } | undefined

const QUOTA_RESOURCES = new Set([
  ...['cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.storage'],
  ...['requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage'],
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps'],
  ...['persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'],
])
const HUGE_PAGES = /^(?:requests\.)?hugepages-/
const OF_PODS = [
  ...['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'],
]
const OF_CLAIMS = ['persistentvolumeclaims', 'requests.storage']

/** The resources whose use can be counted for some of the pods or claims only. */
const RESOURCES_BY_SCOPE: ReadonlyMap<string, readonly string[]> = new Map([
  ['BestEffort', ['pods']],
  ['CrossNamespacePodAffinity', OF_PODS],
  ['NotBestEffort', OF_PODS],
  ['NotTerminating', OF_PODS],
  ['PriorityClass', OF_PODS],
  ['Terminating', OF_PODS],
  ['VolumeAttributesClass', OF_CLAIMS],
])
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const
/** These scopes hold or do not; they have no values to compare. */
const WITHOUT_VALUES = [
  ...['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'],
]

export function* validateResourceQuota(
  { spec, status }: ResourceQuota,
  path: FieldPath,
): FieldErrors {
  yield* validateSpec(spec, path.child('spec'))
  yield* validateAmounts(status.hard, path.child('status', 'hard'))
  yield* validateAmounts(status.used, path.child('status', 'used'))
}

export function* validateResourceQuotaUpdate(
  { spec }: ResourceQuota,
  { spec: old }: ResourceQuota,
  path: FieldPath,
): FieldErrors {
  yield* validateSpec(spec, path.child('spec'))
  const scopes = new Set<string>(spec.scopes)
  const oldScopes = new Set<string>(old.scopes)
  const isSame = scopes.size === oldScopes.size && [...scopes].every((one) => oldScopes.has(one))
  if (!isSame) yield invalid(path.child('spec', 'scopes'), spec.scopes, FIELD_IS_IMMUTABLE)
}

export function* validateResourceQuotaStatusUpdate(
  { status }: ResourceQuota,
  _old: ResourceQuota,
  path: FieldPath,
): FieldErrors {
  yield* validateAmounts(status.hard, path.child('status', 'hard'))
  yield* validateAmounts(status.used, path.child('status', 'used'))
}

function* validateSpec(spec: ResourceQuotaSpec, path: FieldPath): FieldErrors {
  const { hard, scopes = [], scopeSelector } = spec
  yield* validateAmounts(hard, path.child('hard'))
  const scopesPath = path.child('scopes')
  for (const scope of scopes) {
    if (!RESOURCES_BY_SCOPE.has(scope)) yield invalid(scopesPath, scopes, 'unsupported scope')
    yield* validateScopeUse(scope, hard, scopes, scopesPath)
  }
  yield* validateConflicts(scopes, scopes, scopesPath)
  if (scopeSelector === undefined) return
  const { matchExpressions = [] } = scopeSelector
  const listPath = path.child('scopeSelector', 'matchExpressions')
  for (const requirement of matchExpressions) {
    const { scopeName } = requirement
    if (!RESOURCES_BY_SCOPE.has(scopeName)) {
      yield invalid(listPath.child('scopeName'), scopeName, 'unsupported scope')
    }
    yield* validateScopeUse(scopeName, hard, scopeSelector, listPath)
    yield* validateRequirement(requirement, listPath)
  }
  const selected = matchExpressions.map(({ scopeName }) => scopeName)
  yield* validateConflicts(selected, scopes, listPath)
}

function* validateAmounts(amounts: Amounts, path: FieldPath): FieldErrors {
  for (const [name, text] of Object.entries(amounts ?? {})) {
    const amountPath = path.key(name)
    yield* collected(validateResourceName, name, amountPath)
    if (!name.includes('/') && !isQuotaResource(name)) {
      const why = 'must be a standard resource for quota'
      yield invalid(amountPath, name, why)
    }
    yield* collected(validateQuantity, name, text, amountPath)
  }
}

function isQuotaResource(name: string): boolean {
  return QUOTA_RESOURCES.has(name) || HUGE_PAGES.test(name)
}

function* validateScopeUse(
  scope: string,
  hard: Amounts,
  shown: unknown,
  path: FieldPath,
): FieldErrors {
  const allowed = RESOURCES_BY_SCOPE.get(scope)
  for (const name of Object.keys(hard ?? {}).toSorted()) {
    if (allowed === undefined || !isQuotaResource(name) || allowed.includes(name)) continue
    yield invalid(path, shown, 'unsupported scope applied to resource')
  }
}

function* validateConflicts(
  scopes: readonly string[],
  shown: readonly string[],
  path: FieldPath,
): FieldErrors {
  for (const pair of CONFLICTS) {
    const areBoth = pair.every((scope) => scopes.includes(scope))
    if (areBoth) yield invalid(path, shown, 'conflicting scopes')
  }
}

function* validateRequirement(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: FieldPath,
): FieldErrors {
  if (WITHOUT_VALUES.includes(scopeName) && operator !== 'Exists') {
    const list =
      'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ' +
      'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ' +
      'ResourceQuotaScopeCrossNamespacePodAffinity'
    yield invalid(path.child('operator'), operator, `must be 'Exists' when scope is any of ${list}`)
  }
  const valuesPath = path.child('values')
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length > 0) return
    const when = "when `operator` is 'In' or 'NotIn' for scope selector"
    yield required(valuesPath, `must be at least one value ${when}`)
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length === 0) return
    const when = "when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    yield invalid(valuesPath, values, `must be no value ${when}`)
  } else yield invalid(path.child('operator'), operator, 'not a valid selector operator')
}
