import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { labelNameErrors, rangeErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateDescendingPath, validateDnsLabel } from './field-rules.ts'
import type { PersistentVolumeSpec } from './persistent-volume-spec.ts'
import type { GitRepoVolumeSource } from './volume.ts'
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume-sources.ts'

const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite']
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared']
const MANAGED_URI =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'
const HOST_PORT = 'must be a host:port pair or multiple pairs separated by commas'
const LONGEST_TENANT = 64

type SecretName = { readonly name?: string | undefined; readonly namespace?: string | undefined }

/** Names that must not be empty. */
export function* validateGiven<S extends object>(
  source: S,
  names: readonly (keyof S & string)[],
  path: FieldPath,
): FieldErrors {
  for (const name of names) {
    const value = source[name]
    const isMissing = Array.isArray(value) ? value.length === 0 : !value
    if (isMissing) yield required(path.child(name))
  }
}

export function* validateGitRepo(
  { repository, directory = '' }: GitRepoVolumeSource,
  path: FieldPath,
): FieldErrors {
  if (repository === '') yield required(path.child('repository'))
  yield* validateDescendingPath(directory, path.child('directory'))
}

/** The partitions of the disks of two clouds. */
export function* validateCloudDisk(
  source: GCEPersistentDiskVolumeSource | AWSElasticBlockStoreVolumeSource,
  path: FieldPath,
): FieldErrors {
  const { partition = 0 } = source
  if ('pdName' in source) yield* validateGiven(source, ['pdName'], path)
  else yield* validateGiven(source, ['volumeID'], path)
  if (partition >= 0 && partition <= 255) return
  yield invalid(path.child('partition'), partition, 'must be between 1 and 255, inclusive')
}

export function* validateFibreChannel(
  { targetWWNs = [], wwids = [], lun }: FCVolumeSource,
  path: FieldPath,
): FieldErrors {
  const namesPath = path.child('targetWWNs')
  if (targetWWNs.length === 0 && wwids.length === 0) {
    yield required(namesPath, 'must specify either targetWWNs or wwids, but not both')
  }
  if (targetWWNs.length === 0) return
  if (wwids.length > 0) {
    const why = 'targetWWNs and wwids can not be specified simultaneously'
    yield invalid(namesPath, targetWWNs, why)
  }
  const lunPath = path.child('lun')
  if (lun === undefined) yield required(lunPath, 'lun is required if targetWWNs is specified')
  else yield* invalids(lunPath, lun, rangeErrors(lun, 0, 255))
}

export function* validateQuobyte(
  { registry, tenant = '', volume }: QuobyteVolumeSource,
  path: FieldPath,
): FieldErrors {
  const registryPath = path.child('registry')
  if (registry === '') yield required(registryPath, HOST_PORT)
  else if (Buffer.byteLength(tenant) > LONGEST_TENANT) {
    const why = 'must be a UUID and may not exceed a length of 64 characters'
    yield required(path.child('tenant'), why)
  } else {
    for (const pair of registry.split(',')) {
      if (!isHostPort(pair)) yield invalid(registryPath, registry, HOST_PORT)
    }
  }
  if (volume === '') yield required(path.child('volume'))
}

/** As Go's net.SplitHostPort: one colon outside of brackets. */
function isHostPort(pair: string): boolean {
  return /^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair)
}

export function* validateFlocker(
  { datasetName = '', datasetUUID = '' }: FlockerVolumeSource,
  path: FieldPath,
): FieldErrors {
  if (datasetName === '' && datasetUUID === '') {
    yield required(path, 'one of datasetName and datasetUUID is required')
  }
  if (datasetName !== '' && datasetUUID !== '') {
    const why = 'datasetName and datasetUUID can not be specified simultaneously'
    yield invalid(path, 'resource', why)
  }
  if (datasetName.includes('/')) {
    yield invalid(path.child('datasetName'), datasetName, "must not contain '/'")
  }
}

/** The driver may have any options but those of Kubernetes itself. */
export function* validateFlex(
  source: {
    readonly driver: string
    readonly options?: Readonly<Record<string, string>> | undefined
  },
  path: FieldPath,
): FieldErrors {
  yield* validateGiven(source, ['driver'], path)
  for (const key of Object.keys(source.options ?? {})) {
    const domain = `.${key.replace(/\/.*$/s, '').toLowerCase()}`
    if (!domain.endsWith('.kubernetes.io') && !domain.endsWith('.k8s.io')) continue
    const why = 'kubernetes.io and k8s.io namespaces are reserved'
    yield invalid(path.child('options').key(key), key, why)
  }
}

export function validateAzureFile(source: AzureFileVolumeSource, path: FieldPath): FieldErrors {
  return validateGiven(source, ['secretName', 'shareName'], path)
}

export function* validateAzureDisk(source: AzureDiskVolumeSource, path: FieldPath): FieldErrors {
  const { cachingMode, kind, diskURI } = source
  yield* validateGiven(source, ['diskName', 'diskURI'], path)
  if (!CACHING_MODES.includes(cachingMode)) {
    yield notSupported(path.child('cachingMode'), cachingMode, CACHING_MODES)
  }
  if (!DISK_KINDS.includes(kind)) yield notSupported(path.child('kind'), kind, DISK_KINDS)
  const [prefix, form] =
    kind === 'Managed' ? ['/subscriptions/', MANAGED_URI] : ['https://', BLOB_URI]
  if (!diskURI.startsWith(prefix)) yield notSupported(path.child('diskURI'), diskURI, [form])
}

export function validateVsphere(
  source: VsphereVirtualDiskVolumeSource,
  path: FieldPath,
): FieldErrors {
  return validateGiven(source, ['volumePath'], path)
}

export function validatePhoton(
  source: PhotonPersistentDiskVolumeSource,
  path: FieldPath,
): FieldErrors {
  return validateGiven(source, ['pdID'], path)
}

export function validatePortworx(source: PortworxVolumeSource, path: FieldPath): FieldErrors {
  return validateGiven(source, ['volumeID'], path)
}

export function* validateStorageOs(
  source: NonNullable<PersistentVolumeSpec['storageos']>,
  path: FieldPath,
  isOfCluster: boolean,
): FieldErrors {
  const { volumeName = '', volumeNamespace = '', secretRef } = source
  const namePath = path.child('volumeName')
  if (volumeName === '') yield required(namePath)
  else yield* validateDnsLabel(volumeName, namePath)
  if (volumeNamespace !== '') {
    yield* validateDnsLabel(volumeNamespace, path.child('volumeNamespace'))
  }
  yield* validateSecret(secretRef, path, isOfCluster)
}

export function* validateCinder(
  source: NonNullable<PersistentVolumeSpec['cinder']>,
  path: FieldPath,
  isOfCluster: boolean,
): FieldErrors {
  yield* validateGiven(source, ['volumeID'], path)
  yield* validateSecret(source.secretRef, path, isOfCluster)
}

/** A secret that is named has a name; that of a volume of the cluster has a namespace, too. */
function* validateSecret(
  secret: SecretName | undefined,
  path: FieldPath,
  isOfCluster: boolean,
): FieldErrors {
  if (secret === undefined) return
  if (!secret.name) yield required(path.child('secretRef', 'name'))
  if (isOfCluster && !secret.namespace) yield required(path.child('secretRef', 'namespace'))
}

export function* validateGlusterfsOfCluster(
  source: NonNullable<PersistentVolumeSpec['glusterfs']>,
  path: FieldPath,
): FieldErrors {
  yield* validateGiven(source, ['endpoints', 'path'], path)
  const { endpointsNamespace: namespace } = source
  if (namespace === undefined) return
  const at = path.child('endpointsNamespace')
  if (namespace === '') {
    const why = 'if the endpointnamespace is set, it must be a valid namespace name'
    yield invalid(at, namespace, why)
  } else yield* invalids(at, namespace, labelNameErrors(namespace, false))
}
