import { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { CSIDriver } from '../../../kinds/storage/v1/csi-driver.ts'
import type { KindRef, KubeObject } from '../../../machinery/kind.ts'
import type { AdmissionAttributes } from '../../admission/admission.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { Authorizer } from '../authorizer.ts'

/**
 * Why a kubelet may not ask for a token for these audiences; undefined if it may: a volume of the
 * pod asks for it, or a role lets the node (`request-serviceaccounts-token-audience`).
 */
export async function checkAudience(
  audiences: readonly string[],
  pod: Pod,
  { user, namespace, name }: AdmissionAttributes,
  resources: ResourceTable,
  authorizer: Authorizer,
): Promise<string | undefined> {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences'
  const [audience = ''] = audiences
  if (await isAudienceOfPod(audience, pod, resources)) return undefined
  const { verdict } = await authorizer.authorize({
    user,
    verb: 'request-serviceaccounts-token-audience',
    isResourceRequest: true,
    namespace,
    group: '',
    version: 'v1',
    resource: audience,
    subresource: '',
    name,
    path: '',
    fieldSelector: '',
  })
  if (verdict === 'Allow') return undefined
  const found = `audience ${JSON.stringify(audience)} not found in pod spec volume`
  return `${found}, ${user.name} is not authorized to request tokens for this audience`
}

async function isAudienceOfPod(
  audience: string,
  pod: Pod,
  resources: ResourceTable,
): Promise<boolean> {
  const { name: podName, namespace } = pod.metadata
  for (const { name, projected, ephemeral, persistentVolumeClaim, csi } of pod.spec.volumes ?? []) {
    const tokens = (projected?.sources ?? []).flatMap((one) => one.serviceAccountToken ?? [])
    if (tokens.some((token) => (token.audience ?? '') === audience)) return true
    const claim = ephemeral === undefined ? persistentVolumeClaim?.claimName : `${podName}-${name}`
    const driver = csi?.driver ?? (await driverOfClaim(namespace, claim, resources))
    if (driver !== undefined && (await isAudienceOfDriver(audience, driver, resources))) return true
  }
  return false
}

async function driverOfClaim(
  namespace: string,
  claimName: string | undefined,
  resources: ResourceTable,
): Promise<string | undefined> {
  if (claimName === undefined) return undefined
  const claim = await find<PersistentVolumeClaim>(
    resources,
    PersistentVolumeClaim,
    namespace,
    claimName,
  )
  const volumeName = claim?.spec.volumeName ?? ''
  if (volumeName === '') return undefined
  const volume = await find<PersistentVolume>(resources, PersistentVolume, '', volumeName)
  return volume?.spec.csi?.driver
}

async function isAudienceOfDriver(
  audience: string,
  name: string,
  resources: ResourceTable,
): Promise<boolean> {
  const driver = await find<CSIDriver>(resources, CSIDriver, '', name)
  return (driver?.spec.tokenRequests ?? []).some((one) => one.audience === audience)
}

async function find<T extends KubeObject>(
  resources: ResourceTable,
  kind: KindRef,
  namespace: string,
  name: string,
): Promise<T | undefined> {
  return (await resources.store(kind).find(namespace, name))?.object as T | undefined
}
