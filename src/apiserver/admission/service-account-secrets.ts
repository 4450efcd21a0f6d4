import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { ServiceAccount } from '../../kinds/core/v1/service-account.ts'

/** Why a pod may not have a secret that it references; undefined where it may have all. */
export function secretReferenceProblem(account: ServiceAccount, pod: Pod): string | undefined {
  const { spec } = pod
  const { name } = account.metadata
  const mountable = new Set((account.secrets ?? []).map((secret) => secret.name))
  const refused = (what: string, secret: string | undefined) =>
    `${what} secret.secretName="${secret}" is not allowed because service account ${name} ` +
    'does not reference that secret'
  for (const { secret } of spec.volumes ?? []) {
    if (secret === undefined || mountable.has(secret.secretName)) continue
    return refused('volume with', secret.secretName)
  }
  const containers = [
    ...(spec.initContainers ?? []).map((one) => ({ ...one, what: 'init container' })),
    ...spec.containers.map((one) => ({ ...one, what: 'container' })),
  ]
  for (const { what, name: container, env = [], envFrom = [] } of containers) {
    for (const { name: variable, valueFrom } of env) {
      const key = valueFrom?.secretKeyRef
      if (key === undefined || mountable.has(key.name)) continue
      return refused(`${what} ${container} with envVar ${variable} referencing`, key.name)
    }
    for (const { secretRef } of envFrom) {
      if (secretRef === undefined || mountable.has(secretRef.name)) continue
      return refused(`${what} ${container} with envFrom referencing`, secretRef.name)
    }
  }
  const pullable = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name))
  const at = (spec.imagePullSecrets ?? []).findIndex((secret) => !pullable.has(secret.name))
  const secret = spec.imagePullSecrets?.[at]
  if (secret === undefined) return undefined
  return (
    `imagePullSecrets[${at}].name="${secret.name}" is not allowed because service account ` +
    `${name} does not reference that imagePullSecret`
  )
}
