import { parseJson } from '../../base/json.ts'
import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import { decodeValue } from '../../machinery/decode.ts'
import { type Infer, s } from '../../machinery/schema.ts'
import { ALL_AUTHENTICATED } from '../authentication/authenticator.ts'
import type { UserInfo } from '../request.ts'
import type { Attributes, Authorizer, Decision } from './authorizer.ts'
import { pathCovers } from './rule-matching.ts'
import type { ResolvedRules, RuleResolver } from './rule-resolver.ts'

const AbacPolicy = s.struct('abac.v1beta1.PolicySpec', {
  user: s.string().default(''),
  group: s.string().default(''),
  readonly: s.bool().default(false),
  apiGroup: s.string().default(''),
  resource: s.string().default(''),
  namespace: s.string().default(''),
  nonResourcePath: s.string().default(''),
})

/** One line of an ABAC policy file: who may do what. */
export type AbacPolicy = Infer<typeof AbacPolicy>

const API_VERSION = 'abac.authorization.kubernetes.io/v1beta1'
const ALLOWED: Decision = { verdict: 'Allow', reason: '' }
const NO_MATCH: Decision = { verdict: 'NoOpinion', reason: 'No policy matched.' }
const READ_VERBS = ['get', 'list', 'watch']

/** Reads a policy file: one JSON object a line. Throws an error that names the line. */
export function parseAbacPolicies(text: string, path: string): readonly AbacPolicy[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) return []
    try {
      return [readLine(trimmed)]
    } catch (cause) {
      const where = `error reading policy file ${path}, line ${index + 1}`
      throw new Error(`${where}: ${trimmed}`, { cause })
    }
  })
}

function readLine(line: string): AbacPolicy {
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('a policy is an object')
  }
  const { apiVersion, kind, spec = {}, ...rest } = value as Readonly<Record<string, unknown>>
  if (apiVersion === undefined && kind === undefined) return unversioned(readPolicy(value))
  if (kind !== 'Policy' || apiVersion !== API_VERSION) {
    throw new Error(`no kind ${JSON.stringify(kind)} is registered for version ${apiVersion}`)
  }
  if (Object.keys(rest).length > 0) {
    throw new Error(`unknown field ${JSON.stringify(Object.keys(rest)[0])}`)
  }
  return readPolicy(spec)
}

/** A slip in a policy would change what it allows: fields that there are not are refused. */
function readPolicy(fields: unknown): AbacPolicy {
  const { value, problems } = decodeValue(AbacPolicy.node, fields)
  if (problems.length > 0) throw new Error(problems.join(', '))
  return value as AbacPolicy
}

/** The first form of the file: what a line does not say is everything. */
function unversioned(policy: AbacPolicy): AbacPolicy {
  const { user, group, namespace, resource } = policy
  const isForAll = (user === '' && group === '') || user === '*' || group === '*'
  return {
    ...policy,
    ...(isForAll && { group: ALL_AUTHENTICATED, user: user === '*' || group === '*' ? '' : user }),
    namespace: namespace === '' ? '*' : namespace,
    resource: resource === '' ? '*' : resource,
    apiGroup: '*',
    nonResourcePath: namespace === '' && resource === '' ? '*' : policy.nonResourcePath,
  }
}

/** Mode `ABAC`: whatever any line of the policy file allows. The file is read at the start. */
export class AbacAuthorizer implements Authorizer, RuleResolver {
  readonly #policies: readonly AbacPolicy[]

  constructor(policies: readonly AbacPolicy[]) {
    this.#policies = policies
  }

  authorize(attributes: Attributes): Decision {
    return this.#policies.some((policy) => allows(policy, attributes)) ? ALLOWED : NO_MATCH
  }

  rulesFor(user: UserInfo, namespace: string): ResolvedRules {
    const rules = this.#policies
      .filter((policy) => isSubject(policy, user) && isOrAll(policy.namespace, namespace))
      .flatMap(({ readonly, apiGroup, resource, nonResourcePath }): PolicyRule[] => {
        const verbs = readonly ? READ_VERBS : ['*']
        return [
          ...(resource === '' ? [] : [{ verbs, apiGroups: [apiGroup], resources: [resource] }]),
          ...(nonResourcePath === '' ? [] : [{ verbs, nonResourceURLs: [nonResourcePath] }]),
        ]
      })
    return { rules, errors: [] }
  }
}

function allows(policy: AbacPolicy, attributes: Attributes): boolean {
  const { user, verb, isResourceRequest, namespace, resource, group, path } = attributes
  if (!isSubject(policy, user)) return false
  if (policy.readonly && !READ_VERBS.includes(verb)) return false
  if (!isResourceRequest) {
    return policy.nonResourcePath !== '' && pathCovers(policy.nonResourcePath, path)
  }
  return (
    isOrAll(policy.namespace, namespace) &&
    isOrAll(policy.resource, resource) &&
    isOrAll(policy.apiGroup, group)
  )
}

/** A line that names neither user nor group is about nobody; one that names both wants both. */
function isSubject({ user, group }: AbacPolicy, { name, groups }: UserInfo): boolean {
  if (user === '' && group === '') return false
  const isUser = user === '' || isOrAll(user, name)
  return isUser && (group === '' || group === '*' || groups.includes(group))
}

function isOrAll(pattern: string, value: string): boolean {
  return pattern === '*' || pattern === value
}
