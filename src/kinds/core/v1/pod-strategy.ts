import { formatTime } from '../../../base/clock.ts'
import type { WriteContext } from '../../../machinery/kind.ts'
import type { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import type { Affinity, PodAffinityTerm, TopologySpreadConstraint } from './affinity.ts'
import type { Pod } from './pod.ts'
import { qosClassOf } from './pod-qos.ts'

/** A new pod is pending; its quality of service is known from what it asks for. */
export function preparePodForCreate(pod: Pod, { now }: WriteContext): Pod {
  const { labels } = pod.metadata
  const { affinity, topologySpreadConstraints: spread, schedulingGates = [] } = pod.spec
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(affinity === undefined ? {} : { affinity: resolveAffinity(affinity, labels) }),
      ...(spread === undefined
        ? {}
        : { topologySpreadConstraints: spread.map((one) => resolveSpread(one, labels)) }),
    },
    status: {
      phase: 'Pending',
      qosClass: qosClassOf(pod),
      ...(schedulingGates.length > 0
        ? { conditions: [{ ...GATED, lastProbeTime: null, lastTransitionTime: formatTime(now) }] }
        : {}),
    },
  }
}

const GATED = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
} as const

/** A report of the status takes a pod from no owner, does not end it, and keeps its class. */
export function preparePodForStatusUpdate(pod: Pod, old: Pod): Pod {
  const { ownerReferences: _, deletionTimestamp: __, ...metadata } = pod.metadata
  const { ownerReferences, deletionTimestamp } = old.metadata
  const { observedGeneration } = old.status
  return {
    ...pod,
    metadata: {
      ...metadata,
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    status: {
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
      ...pod.status,
      qosClass: pod.status.qosClass || old.status.qosClass,
    },
  }
}

/** The seconds until a deletion is final; none for a pod that no kubelet has to stop. */
export function podGracePeriod({ spec, status }: Pod, requested: number | undefined): number {
  if (!spec.nodeName || status.phase === 'Failed' || status.phase === 'Succeeded') return 0
  const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 0
  // A negative period means the shortest one that still lets the kubelet act.
  return seconds < 0 ? 1 : seconds
}

/** The fields by which pods can be selected besides name and namespace. */
export const podSelectableFields = {
  'spec.nodeName': ({ spec }: Pod) => spec.nodeName ?? '',
  'spec.restartPolicy': ({ spec }: Pod) => spec.restartPolicy,
  'spec.schedulerName': ({ spec }: Pod) => spec.schedulerName,
  'spec.serviceAccountName': ({ spec }: Pod) => spec.serviceAccountName ?? '',
  'spec.hostNetwork': ({ spec }: Pod) => `${spec.hostNetwork ?? false}`,
  'status.phase': ({ status }: Pod) => status.phase,
  'status.podIP': ({ status }: Pod) => status.podIPs?.[0]?.ip ?? '',
  // Upstream takes these labels too, and no pod has values of them.
  'status.podIPs': () => '',
  'spec.host': ({ spec }: Pod) => spec.nodeName ?? '',
  'status.nominatedNodeName': ({ status }: Pod) => status.nominatedNodeName ?? '',
}

type Labels = Pod['metadata']['labels']
type Terms = NonNullable<Affinity['podAffinity']>

function resolveAffinity(affinity: Affinity, labels: Labels): Affinity {
  const { podAffinity, podAntiAffinity } = affinity
  return {
    ...affinity,
    ...(podAffinity === undefined ? {} : { podAffinity: resolveTerms(podAffinity, labels) }),
    ...(podAntiAffinity === undefined
      ? {}
      : { podAntiAffinity: resolveTerms(podAntiAffinity, labels) }),
  }
}

function resolveTerms(terms: Terms, labels: Labels): Terms {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  } = terms
  return {
    ...(required === undefined
      ? {}
      : {
          requiredDuringSchedulingIgnoredDuringExecution: required.map((term) =>
            resolveTerm(term, labels),
          ),
        }),
    ...(preferred === undefined
      ? {}
      : {
          preferredDuringSchedulingIgnoredDuringExecution: preferred.map((one) => ({
            ...one,
            podAffinityTerm: resolveTerm(one.podAffinityTerm, labels),
          })),
        }),
  }
}

/** Keys of labels that must match, or must not, become conditions on this pod's own values. */
function resolveTerm(term: PodAffinityTerm, labels: Labels): PodAffinityTerm {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term
  if (labelSelector === undefined) return term
  const matching = withOwnValues(labelSelector, matchLabelKeys, 'In', labels)
  const selector = withOwnValues(matching, mismatchLabelKeys, 'NotIn', labels)
  return selector === labelSelector ? term : { ...term, labelSelector: selector }
}

function resolveSpread(constraint: TopologySpreadConstraint, labels: Labels) {
  const { labelSelector, matchLabelKeys = [] } = constraint
  if (labelSelector === undefined || matchLabelKeys.length === 0) return constraint
  const selector = withOwnValues(labelSelector, matchLabelKeys, 'In', labels)
  return { ...constraint, labelSelector: selector }
}

function withOwnValues(
  selector: LabelSelector,
  keys: readonly string[],
  operator: 'In' | 'NotIn',
  labels: Labels,
): LabelSelector {
  const added = keys.flatMap((key) => {
    const value = labels?.[key]
    return value === undefined ? [] : [{ key, operator, values: [value] }]
  })
  if (added.length === 0) return selector
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] }
}
