import {
  type FieldError,
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
export function validateGiven<S extends object>(
  errors: FieldError[],
  source: S,
  names: readonly (keyof S & string)[],
  path: FieldPath,
): void {
  for (const name of names) {
    const value = source[name]
    const isMissing = Array.isArray(value) ? value.length === 0 : !value
    if (isMissing) errors.push(required(path.child(name)))
  }
}

export function validateGitRepo(
  errors: FieldError[],
  { repository, directory = '' }: GitRepoVolumeSource,
  path: FieldPath,
): void {
  if (repository === '') errors.push(required(path.child('repository')))
  errors.push(...validateDescendingPath(directory, path.child('directory')))
}

/** The partitions of the disks of two clouds. */
export function validateCloudDisk(
  errors: FieldError[],
  source: GCEPersistentDiskVolumeSource | AWSElasticBlockStoreVolumeSource,
  path: FieldPath,
): void {
  const { partition = 0 } = source
  if ('pdName' in source) validateGiven(errors, source, ['pdName'], path)
  else validateGiven(errors, source, ['volumeID'], path)
  if (partition >= 0 && partition <= 255) return
  errors.push(invalid(path.child('partition'), partition, 'must be between 1 and 255, inclusive'))
}

export function validateFibreChannel(
  errors: FieldError[],
  { targetWWNs = [], wwids = [], lun }: FCVolumeSource,
  path: FieldPath,
): void {
  const namesPath = path.child('targetWWNs')
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(required(namesPath, 'must specify either targetWWNs or wwids, but not both'))
  }
  if (targetWWNs.length === 0) return
  if (wwids.length > 0) {
    const why = 'targetWWNs and wwids can not be specified simultaneously'
    errors.push(invalid(namesPath, targetWWNs, why))
  }
  const lunPath = path.child('lun')
  if (lun === undefined)
    errors.push(required(lunPath, 'lun is required if targetWWNs is specified'))
  else errors.push(...invalids(lunPath, lun, rangeErrors(lun, 0, 255)))
}

export function validateQuobyte(
  errors: FieldError[],
  { registry, tenant = '', volume }: QuobyteVolumeSource,
  path: FieldPath,
): void {
  const registryPath = path.child('registry')
  if (registry === '') errors.push(required(registryPath, HOST_PORT))
  else if (Buffer.byteLength(tenant) > LONGEST_TENANT) {
    const why = 'must be a UUID and may not exceed a length of 64 characters'
    errors.push(required(path.child('tenant'), why))
  } else {
    for (const pair of registry.split(',')) {
      if (!isHostPort(pair)) errors.push(invalid(registryPath, registry, HOST_PORT))
    }
  }
  if (volume === '') errors.push(required(path.child('volume')))
}

/** As Go's net.SplitHostPort: one colon outside of brackets. */
function isHostPort(pair: string): boolean {
  return /^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair)
}

export function validateFlocker(
  errors: FieldError[],
  { datasetName = '', datasetUUID = '' }: FlockerVolumeSource,
  path: FieldPath,
): void {
  if (datasetName === '' && datasetUUID === '') {
    errors.push(required(path, 'one of datasetName and datasetUUID is required'))
  }
  if (datasetName !== '' && datasetUUID !== '') {
    const why = 'datasetName and datasetUUID can not be specified simultaneously'
    errors.push(invalid(path, 'resource', why))
  }
  if (datasetName.includes('/')) {
    errors.push(invalid(path.child('datasetName'), datasetName, "must not contain '/'"))
  }
}

/** The driver may have any options but those of Kubernetes itself. */
export function validateFlex(
  errors: FieldError[],
  source: {
    readonly driver: string
    readonly options?: Readonly<Record<string, string>> | undefined
  },
  path: FieldPath,
): void {
  validateGiven(errors, source, ['driver'], path)
  for (const key of Object.keys(source.options ?? {})) {
    const domain = `.${key.replace(/\/.*$/s, '').toLowerCase()}`
    if (!domain.endsWith('.kubernetes.io') && !domain.endsWith('.k8s.io')) continue
    const why = 'kubernetes.io and k8s.io namespaces are reserved'
    errors.push(invalid(path.child('options').key(key), key, why))
  }
}

export function validateAzureFile(
  errors: FieldError[],
  source: AzureFileVolumeSource,
  path: FieldPath,
): void {
  validateGiven(errors, source, ['secretName', 'shareName'], path)
}

export function validateAzureDisk(
  errors: FieldError[],
  source: AzureDiskVolumeSource,
  path: FieldPath,
): void {
  const { cachingMode, kind, diskURI } = source
  validateGiven(errors, source, ['diskName', 'diskURI'], path)
  if (!CACHING_MODES.includes(cachingMode)) {
    errors.push(notSupported(path.child('cachingMode'), cachingMode, CACHING_MODES))
  }
  if (!DISK_KINDS.includes(kind)) errors.push(notSupported(path.child('kind'), kind, DISK_KINDS))
  const [prefix, form] =
    kind === 'Managed' ? ['/subscriptions/', MANAGED_URI] : ['https://', BLOB_URI]
  if (!diskURI.startsWith(prefix)) errors.push(notSupported(path.child('diskURI'), diskURI, [form]))
}

export function validateVsphere(
  errors: FieldError[],
  source: VsphereVirtualDiskVolumeSource,
  path: FieldPath,
): void {
  validateGiven(errors, source, ['volumePath'], path)
}

export function validatePhoton(
  errors: FieldError[],
  source: PhotonPersistentDiskVolumeSource,
  path: FieldPath,
): void {
  validateGiven(errors, source, ['pdID'], path)
}

export function validatePortworx(
  errors: FieldError[],
  source: PortworxVolumeSource,
  path: FieldPath,
): void {
  validateGiven(errors, source, ['volumeID'], path)
}

export function validateStorageOs(
  errors: FieldError[],
  source: NonNullable<PersistentVolumeSpec['storageos']>,
  path: FieldPath,
  isOfCluster: boolean,
): void {
  const { volumeName = '', volumeNamespace = '', secretRef } = source
  const namePath = path.child('volumeName')
  if (volumeName === '') errors.push(required(namePath))
  else errors.push(...validateDnsLabel(volumeName, namePath))
  if (volumeNamespace !== '') {
    errors.push(...validateDnsLabel(volumeNamespace, path.child('volumeNamespace')))
  }
  validateSecret(errors, secretRef, path, isOfCluster)
}

export function validateCinder(
  errors: FieldError[],
  source: NonNullable<PersistentVolumeSpec['cinder']>,
  path: FieldPath,
  isOfCluster: boolean,
): void {
  validateGiven(errors, source, ['volumeID'], path)
  validateSecret(errors, source.secretRef, path, isOfCluster)
}

/** A secret that is named has a name; that of a volume of the cluster has a namespace, too. */
function validateSecret(
  errors: FieldError[],
  secret: SecretName | undefined,
  path: FieldPath,
  isOfCluster: boolean,
): void {
  if (secret === undefined) return
  if (!secret.name) errors.push(required(path.child('secretRef', 'name')))
  if (isOfCluster && !secret.namespace) errors.push(required(path.child('secretRef', 'namespace')))
}

export function validateGlusterfsOfCluster(
  errors: FieldError[],
  source: NonNullable<PersistentVolumeSpec['glusterfs']>,
  path: FieldPath,
): void {
  validateGiven(errors, source, ['endpoints', 'path'], path)
  const { endpointsNamespace: namespace } = source
  if (namespace === undefined) return
  const at = path.child('endpointsNamespace')
  if (namespace === '') {
    const why = 'if the endpointnamespace is set, it must be a valid namespace name'
    errors.push(invalid(at, namespace, why))
  } else errors.push(...invalids(at, namespace, labelNameErrors(namespace, false)))
}
