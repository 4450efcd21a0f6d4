import type { FlowSchema } from '../../kinds/flowcontrol/v1/flow-schema.ts'
import {
  MANDATORY_LEVEL_SPECS,
  MANDATORY_SCHEMA_SPECS,
} from '../../kinds/flowcontrol/v1/mandatory-specs.data.ts'
import type { PriorityLevelConfiguration } from '../../kinds/flowcontrol/v1/priority-level-configuration.ts'
import type { DraftOf } from '../../machinery/kind.ts'

type SchemaDraft = DraftOf<typeof import('../../kinds/flowcontrol/v1/flow-schema.ts').FlowSchema>
type LevelDraft = DraftOf<
  typeof import('../../kinds/flowcontrol/v1/priority-level-configuration.ts').PriorityLevelConfiguration
>
type Subjects = NonNullable<FlowSchema['spec']['rules']>[number]['subjects']
type ResourceRules = NonNullable<FlowSchema['spec']['rules']>[number]['resourceRules']

/** On what the server made itself, and keeps as it is shipped until somebody says `false` here. */
export const AUTO_UPDATE_ANNOTATION = 'apf.kubernetes.io/autoupdate-spec'
export const EXEMPT = 'exempt'
export const CATCH_ALL = 'catch-all'

const metadata = (name: string) => ({ name, annotations: { [AUTO_UPDATE_ANNOTATION]: 'true' } })

function queued(
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queues: number,
  handSize: number,
) {
  const queuing = { queues, handSize, queueLengthLimit: 50 }
  const limitResponse = { type: 'Queue', queuing }
  const limited = { nominalConcurrencyShares, lendablePercent, limitResponse }
  return { metadata: metadata(name), spec: { type: 'Limited', limited } } satisfies LevelDraft
}

/** Always there, as they are here. */
export const MANDATORY_LEVELS = [
  { metadata: metadata(CATCH_ALL), spec: MANDATORY_LEVEL_SPECS[CATCH_ALL] },
  { metadata: metadata(EXEMPT), spec: MANDATORY_LEVEL_SPECS[EXEMPT] },
] satisfies readonly LevelDraft[]

/** Made at the first start; others may change them. */
export const SUGGESTED_LEVELS = [
  queued('system', 30, 33, 64, 6),
  queued('node-high', 40, 25, 64, 6),
  queued('leader-election', 10, 0, 16, 4),
  queued('workload-high', 40, 50, 128, 6),
  queued('workload-low', 100, 90, 128, 6),
  queued('global-default', 20, 50, 128, 6),
] satisfies readonly LevelDraft[]

const groups = (...names: readonly string[]): Subjects =>
  names.map((name) => ({ kind: 'Group', group: { name } }))
const users = (...names: readonly string[]): Subjects =>
  names.map((name) => ({ kind: 'User', user: { name } }))
const kubeSystemAccounts: Subjects = [
  { kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'kube-system' } },
]
const everybody = groups('system:unauthenticated', 'system:authenticated')

const resources = (
  verbs: readonly string[],
  apiGroup: string,
  names: readonly string[],
  clusterScope: boolean,
) => ({
  verbs,
  apiGroups: [apiGroup],
  resources: names,
  namespaces: ['*'],
  ...(clusterScope && { clusterScope }),
})
const anyResource: ResourceRules = [resources(['*'], '*', ['*'], true)]
const anyPath = [{ verbs: ['*'], nonResourceURLs: ['*'] }]

function schema(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  rule: NonNullable<NonNullable<SchemaDraft['spec']>['rules']>[number],
) {
  return {
    metadata: metadata(name),
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence,
      ...(distinguisher !== undefined && { distinguisherMethod: { type: distinguisher } }),
      rules: [rule],
    },
  } satisfies SchemaDraft
}

const everything = (subjects: Subjects) => ({
  subjects,
  resourceRules: anyResource,
  nonResourceRules: anyPath,
})

/** Always there, as they are here. */
export const MANDATORY_SCHEMAS = [
  { metadata: metadata(EXEMPT), spec: MANDATORY_SCHEMA_SPECS[EXEMPT] },
  { metadata: metadata(CATCH_ALL), spec: MANDATORY_SCHEMA_SPECS[CATCH_ALL] },
] satisfies readonly SchemaDraft[]

const leases = (verbs: readonly string[]) =>
  resources(verbs, 'coordination.k8s.io', ['leases'], false)

/** Made at the first start; others may change them. */
export const SUGGESTED_SCHEMAS = [
  schema('system-nodes', 'system', 500, 'ByUser', everything(groups('system:nodes'))),
  schema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: groups('system:nodes'),
    resourceRules: [resources(['*'], '', ['nodes', 'nodes/status'], true), leases(['*'])],
  }),
  schema('probes', EXEMPT, 2, undefined, {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  schema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [
      ...users('system:kube-controller-manager', 'system:kube-scheduler'),
      ...kubeSystemAccounts,
    ],
    resourceRules: [leases(['get', 'create', 'update'])],
  }),
  schema(
    'kube-controller-manager',
    'workload-high',
    800,
    'ByNamespace',
    everything(users('system:kube-controller-manager')),
  ),
  schema(
    'kube-scheduler',
    'workload-high',
    800,
    'ByNamespace',
    everything(users('system:kube-scheduler')),
  ),
  schema(
    'kube-system-service-accounts',
    'workload-high',
    900,
    'ByNamespace',
    everything(kubeSystemAccounts),
  ),
  schema(
    'service-accounts',
    'workload-low',
    9000,
    'ByUser',
    everything(groups('system:serviceaccounts')),
  ),
  schema('global-default', 'global-default', 9900, 'ByUser', everything(everybody)),
]

/** A level or schema as it would be stored, for where the stored one is missing. */
export const imaginedLevel = (name: string) =>
  MANDATORY_LEVELS.find((one) => one.metadata.name === name) as unknown as
    | PriorityLevelConfiguration
    | undefined
export const imaginedSchema = (name: string) =>
  MANDATORY_SCHEMAS.find((one) => one.metadata.name === name) as unknown as FlowSchema | undefined
