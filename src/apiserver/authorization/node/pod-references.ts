import type { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'

/** The kinds of objects that a kubelet may read because a pod of its node needs them. */
export type NeededKind =
  | 'pod'
  | 'secret'
  | 'configmap'
  | 'persistentvolumeclaim'
  | 'serviceaccount'
  | 'resourceclaim'

export interface NeededObject {
  readonly kind: NeededKind
  readonly name: string
}

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'

interface Reference {
  readonly name?: string | undefined
}

/** Fields of volumes that name a secret beside those that have a `secretRef`. */
interface LooseSource {
  readonly secretRef?: Reference | undefined
  readonly secretName?: string | undefined
  readonly nodePublishSecretRef?: Reference | undefined
}

/** What a pod needs of its own namespace, itself included. A mirror pod gives its node nothing. */
export function* objectsNeededBy(pod: Pod): Iterable<NeededObject> {
  yield { kind: 'pod', name: pod.metadata.name }
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return
  const { spec, status } = pod
  if (spec.serviceAccountName) yield { kind: 'serviceaccount', name: spec.serviceAccountName }
  for (const name of secretsOf(pod)) yield { kind: 'secret', name }
  for (const name of configMapsOf(pod)) yield { kind: 'configmap', name }
  for (const volume of spec.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim !== undefined) yield { kind: 'persistentvolumeclaim', name: claim }
    else if (volume.ephemeral !== undefined) {
      yield { kind: 'persistentvolumeclaim', name: `${pod.metadata.name}-${volume.name}` }
    }
  }
  for (const { name, resourceClaimName } of spec.resourceClaims ?? []) {
    const generated = status.resourceClaimStatuses?.find((one) => one.name === name)
    const claim = resourceClaimName ?? generated?.resourceClaimName
    if (claim !== undefined) yield { kind: 'resourceclaim', name: claim }
  }
  const extended = status.extendedResourceClaimStatus?.resourceClaimName
  if (extended) yield { kind: 'resourceclaim', name: extended }
}

/** The names of the secrets that a pod names itself. */
export function* secretsOf({ spec }: Pod): Iterable<string> {
  for (const { name } of spec.imagePullSecrets ?? []) if (name) yield name
  for (const { env = [], envFrom = [] } of allContainers(spec)) {
    for (const { secretRef } of envFrom) if (secretRef?.name) yield secretRef.name
    for (const { valueFrom } of env) {
      const name = valueFrom?.secretKeyRef?.name
      if (name) yield name
    }
  }
  for (const { name: _name, ...sources } of spec.volumes ?? []) {
    for (const { secret } of sources.projected?.sources ?? []) if (secret?.name) yield secret.name
    for (const source of Object.values(sources) as (LooseSource | undefined)[]) {
      const name =
        source?.secretName ?? source?.secretRef?.name ?? source?.nodePublishSecretRef?.name
      if (name) yield name
    }
  }
}

/** The names of the config maps that a pod names. */
export function* configMapsOf({ spec }: Pod): Iterable<string> {
  for (const { env = [], envFrom = [] } of allContainers(spec)) {
    for (const { configMapRef } of envFrom) if (configMapRef?.name) yield configMapRef.name
    for (const { valueFrom } of env) {
      const name = valueFrom?.configMapKeyRef?.name
      if (name) yield name
    }
  }
  for (const { configMap, projected } of spec.volumes ?? []) {
    if (configMap?.name) yield configMap.name
    for (const source of projected?.sources ?? []) {
      if (source.configMap?.name) yield source.configMap.name
    }
  }
}

function allContainers({ containers, initContainers = [], ephemeralContainers = [] }: Pod['spec']) {
  return [...initContainers, ...containers, ...ephemeralContainers]
}

interface LooseVolumeSource {
  readonly secretRef?: SecretReference | undefined
  readonly secretName?: string | undefined
  readonly secretNamespace?: string | undefined
  readonly nodePublishSecretRef?: SecretReference | undefined
  readonly nodeStageSecretRef?: SecretReference | undefined
  readonly nodeExpandSecretRef?: SecretReference | undefined
}

interface SecretReference {
  readonly name?: string | undefined
  readonly namespace?: string | undefined
}

/** The secrets that a kubelet needs to mount a volume, as `namespace/name`. */
export function* secretsOfVolume({ spec }: PersistentVolume): Iterable<string> {
  const home = spec.claimRef?.namespace ?? ''
  for (const value of Object.values(spec) as unknown[]) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    const source = value as LooseVolumeSource
    const { secretRef, nodePublishSecretRef, nodeStageSecretRef, nodeExpandSecretRef } = source
    for (const one of [secretRef, nodePublishSecretRef, nodeStageSecretRef, nodeExpandSecretRef]) {
      if (one?.name) yield `${one.namespace || home}/${one.name}`
    }
    if (source.secretName) yield `${source.secretNamespace || home}/${source.secretName}`
  }
}
