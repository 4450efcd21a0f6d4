import type { Pod } from '../../kinds/core/v1/pod.ts'
import { allContainersOf } from '../pod-types.ts'

/** The names of the objects in a pod's namespace that it cannot run without, or uses. */
export interface PodReferences {
  readonly configMaps: readonly string[]
  readonly secrets: readonly string[]
}

/** Everything that volumes, variables and image pulls of a pod refer to. */
export function podReferences(pod: Pod): PodReferences {
  const configMaps = new Set<string>()
  const secrets = new Set<string>()
  const add = (set: Set<string>, name: string | undefined) => {
    if (name !== undefined && name !== '') set.add(name)
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) add(secrets, name)
  for (const { env = [], envFrom = [] } of allContainersOf(pod)) {
    for (const { configMapRef, secretRef } of envFrom) {
      add(configMaps, configMapRef?.name)
      add(secrets, secretRef?.name)
    }
    for (const { valueFrom } of env) {
      add(configMaps, valueFrom?.configMapKeyRef?.name)
      add(secrets, valueFrom?.secretKeyRef?.name)
    }
  }
  for (const { configMap, secret, projected } of pod.spec.volumes ?? []) {
    add(configMaps, configMap?.name)
    add(secrets, secret?.secretName)
    for (const source of projected?.sources ?? []) {
      add(configMaps, source.configMap?.name)
      add(secrets, source.secret?.name)
    }
  }
  return { configMaps: [...configMaps], secrets: [...secrets] }
}
