import type { KubeObject } from '../../../machinery/kind.ts'

type Labels = Readonly<Record<string, string>>

/** A workload as it was stored: it had the defaults of its version then, or of its time. */
interface Workload extends KubeObject {
  readonly spec: {
    readonly template?: { readonly metadata?: { readonly labels?: Labels } }
    readonly selector?: unknown
    readonly [field: string]: unknown
  }
}

/** For which there was no word than a number that is never reached. */
const UNLIMITED = 2 ** 31 - 1

const ROLLBACK_TO = 'deprecated.deployment.rollback.to'
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

/** A Deployment of extensions/v1beta1, apps/v1beta1 or apps/v1beta2, as apps/v1 has it. */
export function deploymentFromBeta(stored: KubeObject): KubeObject {
  if (stored.apiVersion === 'apps/v1beta2') return stored
  const deployment = withTemplateLabels(stored as Workload)
  const { rollbackTo, ...spec } = deployment.spec
  const isFirst = stored.apiVersion === 'extensions/v1beta1'
  const { revision = 0 } = (rollbackTo ?? {}) as { readonly revision?: number }
  const { [ROLLBACK_TO]: _, ...others } = deployment.metadata.annotations ?? {}
  const annotations =
    rollbackTo === undefined ? others : { ...others, [ROLLBACK_TO]: `${revision}` }
  return {
    ...withAnnotations(deployment, annotations),
    spec: {
      revisionHistoryLimit: isFirst ? UNLIMITED : 2,
      ...(isFirst && { progressDeadlineSeconds: UNLIMITED }),
      ...spec,
      ...(isFirst && { strategy: firstStrategy(spec['strategy']) }),
    },
  } as KubeObject
}

/** In extensions/v1beta1 one pod at a time was replaced, not a quarter of them. */
function firstStrategy(given: unknown): object {
  const { type, rollingUpdate } = (given ?? {}) as {
    readonly type?: string
    readonly rollingUpdate?: object
  }
  const isRolling = !type || type === 'RollingUpdate' || rollingUpdate !== undefined
  const counts = { maxUnavailable: 1, maxSurge: 1, ...rollingUpdate }
  return { type: type || 'RollingUpdate', ...(isRolling && { rollingUpdate: counts }) }
}

/** A DaemonSet of extensions/v1beta1 or apps/v1beta2, as apps/v1 has it. */
export function daemonSetFromBeta(stored: KubeObject): KubeObject {
  if (stored.apiVersion !== 'extensions/v1beta1') return stored
  const daemonSet = withTemplateLabels(stored as Workload)
  const { templateGeneration = 0, ...spec } = daemonSet.spec
  const annotations = daemonSet.metadata.annotations ?? {}
  return {
    ...withAnnotations(daemonSet, {
      ...annotations,
      [TEMPLATE_GENERATION]: `${templateGeneration}`,
    }),
    spec: withStrategyType(spec, 'OnDelete'),
  } as KubeObject
}

/** A ReplicaSet of extensions/v1beta1 or apps/v1beta2, as apps/v1 has it. */
export function replicaSetFromBeta(stored: KubeObject): KubeObject {
  if (stored.apiVersion !== 'extensions/v1beta1') return stored
  return withTemplateLabels(stored as Workload)
}

/** A StatefulSet of apps/v1beta1 or apps/v1beta2, as apps/v1 has it. */
export function statefulSetFromBeta(stored: KubeObject): KubeObject {
  if (stored.apiVersion !== 'apps/v1beta1') return stored
  const statefulSet = withTemplateLabels(stored as Workload)
  return { ...statefulSet, spec: withStrategyType(statefulSet.spec, 'OnDelete') } as KubeObject
}

function withStrategyType(spec: Workload['spec'], type: string): Workload['spec'] {
  const strategy = (spec['updateStrategy'] ?? {}) as { readonly type?: string }
  return { ...spec, updateStrategy: { ...strategy, type: strategy.type || type } }
}

/** The labels of the pods were those of the workload, and what it selected, where it had none. */
function withTemplateLabels(stored: Workload): Workload {
  const { spec = {}, metadata } = stored
  const labels = spec.template?.metadata?.labels
  if (labels === undefined) return { ...stored, spec }
  const hasLabels = Object.keys(metadata.labels ?? {}).length > 0
  return {
    ...stored,
    metadata: hasLabels ? metadata : { ...metadata, labels },
    spec: { ...spec, selector: spec.selector ?? { matchLabels: labels } },
  }
}

/** Without any, there is no map of them. */
function withAnnotations<T extends KubeObject>(object: T, annotations: Labels): T {
  const { annotations: _, ...metadata } = object.metadata
  const isEmpty = Object.keys(annotations).length === 0
  return { ...object, metadata: isEmpty ? metadata : { ...metadata, annotations } }
}
