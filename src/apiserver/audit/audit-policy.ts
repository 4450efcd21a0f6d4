import {
  type FieldError,
  FieldPath,
  formatFieldError,
  invalid,
  notSupported,
  required,
} from '../../machinery/field-error.ts'
import { type Infer, s } from '../../machinery/schema.ts'
import { type ConfigurationSort, readConfiguration } from '../read-configuration.ts'

/** How much of a request is logged, the least first. */
export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
/** When of a request's life something is logged. */
const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const

export type Level = (typeof LEVELS)[number]
export type Stage = (typeof STAGES)[number]

const strings = () => s.list(s.string()).default([])

const GroupResources = s.struct('audit.v1.GroupResources', {
  /** Empty for the core group, `*` for all. */
  group: s.string().default(''),
  resources: strings(),
  resourceNames: strings(),
})

const PolicyRule = s.struct('audit.v1.PolicyRule', {
  level: s.known(...LEVELS),
  users: strings(),
  userGroups: strings(),
  verbs: strings(),
  resources: s.list(GroupResources).default([]),
  namespaces: strings(),
  nonResourceURLs: strings(),
  omitStages: s.list(s.known(...STAGES)).default([]),
  omitManagedFields: s.bool().optional().pointer(),
})

const Policy = s.struct('audit.v1.Policy', {
  metadata: s.raw().optional(),
  rules: s.list(PolicyRule).default([]),
  omitStages: s.list(s.known(...STAGES)).default([]),
  omitManagedFields: s.bool().default(false),
})

export type GroupResources = Infer<typeof GroupResources>
export type PolicyRule = Infer<typeof PolicyRule>
/** What is logged of which request: the first rule that matches decides, and none means nothing. */
export type AuditPolicy = Infer<typeof Policy>

const policySort: ConfigurationSort<AuditPolicy> = {
  apiVersions: ['audit.k8s.io/v1'],
  kind: 'Policy',
  schema: Policy,
}

/** Reads an audit.k8s.io/v1 Policy; throws an Error that says what is wrong with it. */
export async function parseAuditPolicy(text: string): Promise<AuditPolicy> {
  try {
    const policy = await readConfiguration(text, policySort)
    const errors = [...validatePolicy(policy)]
    if (errors.length > 0) throw new Error(errors.map(formatFieldError).join(', '))
    // Upstream's words; a file that was meant to log something would log nothing.
    if (policy.rules.length === 0) throw new Error('loaded illegal policy with 0 rules')
    return policy
  } catch (cause) {
    throw new Error('the audit policy cannot be used', { cause })
  }
}

function* validatePolicy({ rules, omitStages }: AuditPolicy): Iterable<FieldError> {
  yield* validateStages(omitStages, FieldPath.root.child('omitStages'))
  for (const [index, rule] of rules.entries()) {
    yield* validateRule(rule, FieldPath.root.child('rules').index(index))
  }
}

function* validateRule(rule: PolicyRule, path: FieldPath): Iterable<FieldError> {
  const { level, nonResourceURLs, resources, namespaces, omitStages } = rule
  if ((level as string) === '') yield required(path.child('level'))
  else if (!LEVELS.includes(level)) yield notSupported(path.child('level'), level, LEVELS)
  const urls = path.child('nonResourceURLs')
  for (const [index, url] of nonResourceURLs.entries()) {
    if (url === '*') continue
    if (!url.startsWith('/')) {
      const why = "non-resource URL rules must begin with a '/' character"
      yield invalid(urls.index(index), url, why)
    }
    if (url.slice(0, -1).includes('*')) {
      const why = "non-resource URL wildcards '*' must be the final character of the rule"
      yield invalid(urls.index(index), url, why)
    }
  }
  for (const { resources: names, resourceNames } of resources) {
    if (resourceNames.length === 0 || names.length > 0) continue
    const why = 'using resourceNames requires at least one resource'
    yield invalid(path.child('resources', 'resourceNames'), resourceNames, why)
  }
  yield* validateStages(omitStages, path.child('omitStages'))
  if (nonResourceURLs.length === 0 || (resources.length === 0 && namespaces.length === 0)) return
  const why = 'rules cannot apply to both regular resources and non-resource URLs'
  yield invalid(urls, nonResourceURLs, why)
}

function* validateStages(stages: readonly Stage[], path: FieldPath): Iterable<FieldError> {
  for (const [index, stage] of stages.entries()) {
    if (STAGES.includes(stage)) continue
    yield invalid(path.index(index), stage, `allowed stages are ${STAGES.join(',')}`)
  }
}
