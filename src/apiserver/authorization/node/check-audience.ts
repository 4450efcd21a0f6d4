import { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import { CSIDriver } from '../../../kinds/storage/v1/csi-driver.ts'
import { joinErrors } from '../../../machinery/join-errors.ts'
import type { KindRef, KubeObject } from '../../../machinery/kind.ts'
import { notFound, StatusError } from '../../../machinery/status-error.ts'
import type { AdmissionAttributes } from '../../admission/admission.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { Authorizer } from '../authorizer.ts'

/** The CSI drivers that have taken over volumes of the kinds that were once built in. */
const MIGRATED_DRIVERS: Readonly<Record<string, string>> = {
  awsElasticBlockStore: 'ebs.csi.aws.com',
  azureDisk: 'disk.csi.azure.com',
  azureFile: 'file.csi.azure.com',
  cinder: 'cinder.csi.openstack.org',
  gcePersistentDisk: 'pd.csi.storage.gke.io',
  portworxVolume: 'pxd.portworx.com',
  vsphereVolume: 'csi.vsphere.vmware.com',
}

/**
 * Why a kubelet may not ask for a token for these audiences; undefined if it may: a volume of the
 * pod asks for it (an error where what the volume names is not there), or a role lets the node
 * (`request-serviceaccounts-token-audience`).
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
  const missing: string[] = []
  if (await isAudienceOfPod(audience, pod, resources, missing)) return undefined
  if (missing.length > 0) {
    return `error validating audience ${JSON.stringify(audience)}: ${joinErrors(missing)}`
  }
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
  missing: string[],
): Promise<boolean> {
  const { name: podName, namespace } = pod.metadata
  for (const volume of pod.spec.volumes ?? []) {
    const { name, projected, ephemeral, persistentVolumeClaim, csi } = volume
    const tokens = (projected?.sources ?? []).flatMap((one) => one.serviceAccountToken ?? [])
    if (tokens.some((token) => (token.audience ?? '') === audience)) return true
    const isOwn = ephemeral?.volumeClaimTemplate !== undefined
    const claim = isOwn ? `${podName}-${name}` : persistentVolumeClaim?.claimName
    try {
      const driver =
        claim === undefined
          ? (csi?.driver ?? migratedDriverOf(volume))
          : await driverOfClaim(namespace, claim, resources)
      if (driver === undefined) continue
      if (await isAudienceOfDriver(audience, driver, resources)) return true
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      missing.push(error.message)
    }
  }
  return false
}

async function driverOfClaim(
  namespace: string,
  claimName: string,
  resources: ResourceTable,
): Promise<string | undefined> {
  const claim = await find<PersistentVolumeClaim>(
    resources,
    PersistentVolumeClaim,
    namespace,
    claimName,
  )
  const volumeName = claim.spec.volumeName ?? ''
  const volume = await find<PersistentVolume>(resources, PersistentVolume, '', volumeName)
  return volume.spec.csi?.driver ?? migratedDriverOf(volume.spec)
}

function migratedDriverOf(source: object): string | undefined {
  const fields = source as Readonly<Record<string, unknown>>
  const kind = Object.keys(MIGRATED_DRIVERS).find((name) => fields[name] !== undefined)
  return kind === undefined ? undefined : MIGRATED_DRIVERS[kind]
}

async function isAudienceOfDriver(
  audience: string,
  name: string,
  resources: ResourceTable,
): Promise<boolean> {
  const driver = await find<CSIDriver>(resources, CSIDriver, '', name)
  return (driver.spec.tokenRequests ?? []).some((one) => one.audience === audience)
}

/** Throws as upstream's informers do, which name the kind where others name the resource. */
async function find<T extends KubeObject>(
  resources: ResourceTable,
  kind: KindRef,
  namespace: string,
  name: string,
): Promise<T> {
  const found = await resources.store(kind).find(namespace, name)
  if (found === undefined)
    throw notFound({ group: kind.group, plural: kind.kind.toLowerCase() }, name)
  return found.object as T
}
