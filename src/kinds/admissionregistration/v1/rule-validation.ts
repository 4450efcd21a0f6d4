import {
  collected,
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateOneOf } from '../../core/v1/field-rules.ts'
import type { MatchResources, NamedRuleWithOperations } from './match-resources.ts'

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']
export const MATCH_POLICIES = ['Equivalent', 'Exact']

interface Rule {
  readonly operations?: readonly string[] | undefined
  readonly apiGroups?: readonly string[] | undefined
  readonly apiVersions?: readonly string[] | undefined
  readonly resources?: readonly string[] | undefined
  readonly scope: string
}

/** Which requests a webhook or policy sees: a wildcard stands alone. */
export function* validateRule(rule: Rule, path: FieldPath): FieldErrors {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule
  const operationsPath = path.child('operations')
  yield* validateAlone(operations, 'operations', operationsPath)
  for (const [index, operation] of operations.entries()) {
    if (!OPERATIONS.includes(operation)) {
      yield notSupported(operationsPath.index(index), operation, OPERATIONS)
    }
  }
  yield* validateAlone(apiGroups, 'API groups', path.child('apiGroups'))
  const versionsPath = path.child('apiVersions')
  yield* validateAlone(apiVersions, 'API versions', versionsPath)
  for (const [index, version] of apiVersions.entries()) {
    if (version === '') yield required(versionsPath.index(index))
  }
  yield* validateResources(resources, path.child('resources'))
  if (!SCOPES.includes(scope)) yield notSupported(path.child('scope'), scope, SCOPES)
}

function* validateAlone(values: readonly string[], what: string, path: FieldPath): FieldErrors {
  if (values.length === 0) yield required(path)
  if (values.length > 1 && values.includes('*')) {
    yield invalid(path, values, `if '*' is present, must not specify other ${what}`)
  }
}

function* validateResources(resources: readonly string[], path: FieldPath): FieldErrors {
  if (resources.length === 0) yield required(path)
  const all = new Set<string>()
  const everywhere = new Set<string>()
  let endsPlain = false
  for (const [index, text] of resources.entries()) {
    const at = path.index(index)
    if (text === '') {
      yield required(at)
      continue
    }
    const [, resource = '', subresource] = /^([^/]*)(?:\/(.*))?$/s.exec(text) ?? []
    if (subresource === undefined) {
      // As upstream: the last one without a subresource decides.
      endsPlain = text !== '*'
      continue
    }
    if (all.has(resource)) {
      yield invalid(at, text, `if '${resource}/*' is present, must not specify ${text}`)
    }
    if (everywhere.has(subresource)) {
      yield invalid(at, text, `if '*/${subresource}' is present, must not specify ${text}`)
    }
    if (subresource === '*') all.add(resource)
    if (resource === '*') everywhere.add(subresource)
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    yield invalid(path, resources, "if '*/*' is present, must not specify other resources")
  }
  if (resources.includes('*') && endsPlain) {
    const why = "if '*' is present, must not specify other resources without subresources"
    yield invalid(path, resources, why)
  }
}

/** As `MatchResources`, in any version: the policy is not checked yet. */
export type Matching = Omit<MatchResources, 'matchPolicy'> & { readonly matchPolicy: string }

/** Which requests a policy or its binding applies to. */
export function* validateMatchResources(match: Matching, path: FieldPath): FieldErrors {
  yield* validateOneOf(match.matchPolicy, MATCH_POLICIES, path.child('matchPolicy'))
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    yield* collected(validateLabelSelector, match[field], path.child(field))
  }
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [index, rule] of (match[field] ?? []).entries()) {
      yield* validateNamedRule(rule, path.child(field).index(index))
    }
  }
}

function* validateNamedRule(rule: NamedRuleWithOperations, path: FieldPath): FieldErrors {
  const { resourceNames = [] } = rule
  const repeated = repeatedPlaces(resourceNames)
  for (const [index, name] of resourceNames.entries()) {
    const at = path.child('resourceNames').index(index)
    yield* invalids(at, name, pathSegmentErrors(name, false))
    if (repeated.has(index)) yield duplicate(at, name)
  }
  yield* validateRule(rule, path)
}
