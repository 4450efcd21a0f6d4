import type { ControllerRevision } from '../../kinds/apps/v1/controller-revision.ts'
import { StatefulSet } from '../../kinds/apps/v1/stateful-set.ts'
import type { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodTemplateSpec } from '../../kinds/core/v1/pod-template-spec.ts'
import type { DraftOf } from '../../machinery/kind.ts'
import { ownerReferenceTo } from '../../machinery/owner-references.ts'
import { REVISION_HASH } from '../runtime/controller-history.ts'

const POD_NAME = 'statefulset.kubernetes.io/pod-name'
const POD_INDEX = 'apps.kubernetes.io/pod-index'

/** The number behind the name of the set that a pod bears; undefined for other pods. */
export function ordinalOf(setName: string, podName: string): number | undefined {
  const match = /^(.*)-([0-9]+)$/.exec(podName)
  if (match === null || match[1] !== setName) return undefined
  const ordinal = Number(match[2])
  return ordinal <= 2 ** 31 - 1 ? ordinal : undefined
}

/** The first ordinal that a set has, and the one behind its last. */
export function ordinalRange({ spec }: StatefulSet): readonly [first: number, end: number] {
  const first = spec.ordinals?.start ?? 0
  return [first, first + spec.replicas]
}

export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const [first, end] = ordinalRange(set)
  return ordinal >= first && ordinal < end
}

export function podNameOf({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${ordinal}`
}

export function claimNameOf(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${set.metadata.name}-${ordinal}`
}

/** The template that a revision keeps. */
export function templateOf(set: StatefulSet, revision: ControllerRevision): PodTemplateSpec {
  const { spec } = (revision.data ?? {}) as {
    readonly spec?: { readonly template?: PodTemplateSpec & { readonly $patch?: string } }
  }
  if (spec?.template === undefined) return set.spec.template
  const { $patch: _, ...template } = spec.template
  return template
}

/** The pod of an ordinal, from the template of a revision. */
export function statefulPod(set: StatefulSet, revision: ControllerRevision, ordinal: number) {
  const { metadata, spec } = templateOf(set, revision)
  const { labels, annotations, finalizers } = metadata
  const name = podNameOf(set, ordinal)
  return {
    metadata: {
      name,
      namespace: set.metadata.namespace,
      labels: {
        ...labels,
        ...identityLabels(set, ordinal),
        [REVISION_HASH]: revision.metadata.name,
      },
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [ownerReferenceTo(set, StatefulSet)],
    },
    spec: {
      ...spec,
      hostname: name,
      subdomain: set.spec.serviceName,
      volumes: volumesWithClaims(set, ordinal, spec.volumes ?? []),
    },
  }
}

function identityLabels(set: StatefulSet, ordinal: number): Readonly<Record<string, string>> {
  return { [POD_NAME]: podNameOf(set, ordinal), [POD_INDEX]: `${ordinal}` }
}

type Volumes = NonNullable<Pod['spec']['volumes']>

/** A volume of each claim, in place of what has its name. */
function volumesWithClaims(set: StatefulSet, ordinal: number, volumes: Volumes): Volumes {
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimNameOf(set, metadata.name, ordinal) },
  }))
  const names = new Set(claims.map(({ name }) => name))
  return [...claims, ...volumes.filter(({ name }) => !names.has(name))]
}

/** Whether a pod has the labels and the claims that its ordinal gives it. */
export function hasIdentity(set: StatefulSet, pod: Pod, ordinal: number): boolean {
  const labels = pod.metadata.labels ?? {}
  if (labels[POD_NAME] !== podNameOf(set, ordinal)) return false
  return (set.spec.volumeClaimTemplates ?? []).every(({ metadata }) =>
    (pod.spec.volumes ?? []).some(
      ({ name, persistentVolumeClaim }) =>
        name === metadata.name &&
        persistentVolumeClaim?.claimName === claimNameOf(set, metadata.name, ordinal),
    ),
  )
}

/** The pod with the labels and claims of its ordinal. */
export function withIdentity(set: StatefulSet, pod: Pod, ordinal: number): Pod {
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata.labels, ...identityLabels(set, ordinal) },
    },
    spec: { ...pod.spec, volumes: volumesWithClaims(set, ordinal, pod.spec.volumes ?? []) },
  }
}

/** The claims that the pod of an ordinal needs. */
export function claimsOf(
  set: StatefulSet,
  ordinal: number,
): readonly (DraftOf<typeof PersistentVolumeClaim> & { readonly metadata: { name: string } })[] {
  const { namespace } = set.metadata
  const { matchLabels } = set.spec.selector ?? {}
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      ...metadata,
      name: claimNameOf(set, metadata.name, ordinal),
      namespace,
      labels: { ...metadata.labels, ...matchLabels },
    },
    spec,
  }))
}
