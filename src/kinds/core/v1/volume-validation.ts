import {
  duplicate,
  type FieldError,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { dns1123SubdomainErrors, subdomainNameErrors } from '../../../machinery/names.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { invalids, validateTemplateMetadata } from '../../../machinery/validate-object-meta.ts'
import { validateDnsLabel, validateFileMode, validateNoBacksteps } from './field-rules.ts'
import { validateInitiatorLength, validateIscsi } from './iscsi-validation.ts'
import {
  validateAzureDisk,
  validateAzureFile,
  validateCinder,
  validateCloudDisk,
  validateFibreChannel,
  validateFlex,
  validateFlocker,
  validateGitRepo,
  validateGiven,
  validatePhoton,
  validatePortworx,
  validateQuobyte,
  validateStorageOs,
  validateVsphere,
} from './legacy-volume-validation.ts'
import { validateClaimSpec } from './persistent-volume-claim-validation.ts'
import {
  validateDownwardFile,
  validateKeyToPath,
  validateProjected,
} from './projection-validation.ts'
import type { HostPathVolumeSource, NFSVolumeSource, Volume } from './volume.ts'

const HOST_PATH_TYPES = [
  ...['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate'],
  'Socket',
]
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const TOO_MANY = 'may not specify more than 1 volume type'

type Source = Exclude<keyof Volume, 'name'>
type Rule<S extends Source> = (source: NonNullable<Volume[S]>, path: FieldPath) => FieldErrors

/** What upstream calls a source that is one too many, where that is not its name. */
const MISNAMED_BESIDE: ReadonlyMap<Source, string> = new Map([
  ['cephfs', 'cephFS'],
  ['downwardAPI', 'downwarAPI'],
])

/** The order in which upstream looks for a source; of several the first one counts. */
const SOURCES: readonly Source[] = [
  ...(['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore'] as const),
  ...(['secret', 'nfs', 'iscsi', 'glusterfs', 'flocker', 'persistentVolumeClaim', 'rbd'] as const),
  ...(['cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'configMap'] as const),
  ...(['azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume'] as const),
  ...(['azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image'] as const),
]

const RULES: { readonly [S in Source]?: Rule<S> } = {
  *emptyDir({ sizeLimit }, path) {
    if (sizeLimit !== undefined && parseQuantity(sizeLimit).sign < 0) {
      yield forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity')
    }
  },
  hostPath: validateHostPath,
  *secret({ secretName = '', defaultMode, items = [] }, path) {
    if (secretName === '') yield required(path.child('secretName'))
    yield* validateFileMode(defaultMode, path.child('defaultMode'))
    for (const [index, item] of items.entries()) {
      yield* validateKeyToPath(item, path.child('items').index(index))
    }
  },
  *configMap({ name = '', defaultMode, items = [] }, path) {
    if (name === '') yield required(path.child('name'))
    yield* validateFileMode(defaultMode, path.child('defaultMode'))
    for (const [index, item] of items.entries()) {
      yield* validateKeyToPath(item, path.child('items').index(index))
    }
  },
  nfs: validateNfs,
  gitRepo: validateGitRepo,
  gcePersistentDisk: validateCloudDisk,
  awsElasticBlockStore: validateCloudDisk,
  iscsi: (source, path) => validateIscsi(source, path),
  glusterfs: (source, path) => validateGiven(source, ['endpoints', 'path'], path),
  flocker: validateFlocker,
  rbd: (source, path) => validateGiven(source, ['monitors', 'image'], path),
  cinder: (source, path) => validateCinder(source, path, false),
  cephfs: (source, path) => validateGiven(source, ['monitors'], path),
  quobyte: validateQuobyte,
  fc: validateFibreChannel,
  flexVolume: validateFlex,
  azureFile: validateAzureFile,
  vsphereVolume: validateVsphere,
  photonPersistentDisk: validatePhoton,
  portworxVolume: validatePortworx,
  azureDisk: validateAzureDisk,
  storageos: (source, path) => validateStorageOs(source, path, false),
  scaleIO: (source, path) => validateGiven(source, ['gateway', 'system', 'volumeName'], path),
  *persistentVolumeClaim({ claimName }, path) {
    if (claimName === '') yield required(path.child('claimName'))
  },
  *downwardAPI({ defaultMode, items = [] }, path) {
    yield* validateFileMode(defaultMode, path.child('defaultMode'))
    for (const item of items) yield* validateDownwardFile(item, path)
  },
  projected: validateProjected,
  *csi({ driver, nodePublishSecretRef }, path) {
    if (driver === '') yield required(path.child('driver'))
    else {
      const reasons = dns1123SubdomainErrors(driver.toLowerCase())
      yield* invalids(path.child('driver'), driver, reasons)
    }
    if (nodePublishSecretRef === undefined) return
    const { name = '' } = nodePublishSecretRef
    if (name === '') yield required(path.child('nodePublishSecretRef', 'name'))
    else yield* invalids(path.child('name'), name, subdomainNameErrors(name, false))
  },
  *ephemeral({ volumeClaimTemplate: template }, path) {
    const templatePath = path.child('volumeClaimTemplate')
    if (template === undefined) {
      yield required(templatePath)
      return
    }
    yield* validateTemplateMetadata(template.metadata, templatePath.child('metadata'))
    yield* validateClaimSpec(template.spec, templatePath.child('spec'))
  },
  *image({ reference = '', pullPolicy }, path) {
    if (reference === '') yield required(path.child('reference'))
    if (pullPolicy !== undefined && !PULL_POLICIES.includes(pullPolicy)) {
      yield notSupported(path.child('pullPolicy'), pullPolicy, PULL_POLICIES)
    }
  },
}

/** `podName` is empty in templates. Mounts may only name volumes that are valid. */
export function* validateVolumes(
  volumes: readonly Volume[],
  podName: string,
  path: FieldPath,
): Generator<FieldError, ReadonlyMap<string, Volume>> {
  const valid = new Map<string, Volume>()
  const ownClaims = volumes
    .filter(({ ephemeral }) => ephemeral !== undefined && podName !== '')
    .map(({ name }) => `${podName}-${name}`)
  for (const [index, volume] of volumes.entries()) {
    const { name, persistentVolumeClaim: claim } = volume
    const namePath = path.index(index).child('name')
    const errors = [...validateSource(volume, podName, path.index(index))]
    if (name === '') errors.push(required(namePath))
    else errors.push(...validateDnsLabel(name, namePath))
    if (valid.has(name)) errors.push(duplicate(namePath, name))
    if (errors.length === 0) valid.set(name, volume)
    yield* errors
    if (claim !== undefined && ownClaims.includes(claim.claimName)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume'
      const claimPath = path.index(index).child('persistentVolumeClaim', 'claimName')
      yield invalid(claimPath, claim.claimName, why)
    }
  }
  return valid
}

function* validateSource(volume: Volume, podName: string, path: FieldPath): FieldErrors {
  const [first, ...others] = SOURCES.filter((source) => volume[source] !== undefined)
  if (first === undefined) {
    yield required(path, 'must specify a volume type')
    return
  }
  yield* applyRule(first, volume, path)
  for (const other of others) {
    yield forbidden(path.child(MISNAMED_BESIDE.get(other) ?? other), TOO_MANY)
  }
  if (volume.iscsi) yield* validateInitiatorLength(volume.iscsi, volume.name, path)
  if (first === 'ephemeral' && podName !== '' && volume.name !== '') {
    const claim = `${podName}-${volume.name}`
    for (const why of subdomainNameErrors(claim, false)) {
      yield invalid(path.child('name'), volume.name, `PVC name ${JSON.stringify(claim)}: ${why}`)
    }
  }
}

function applyRule<S extends Source>(source: S, volume: Volume, path: FieldPath): FieldErrors {
  const rule = RULES[source] as Rule<S> | undefined
  const name = source === 'gcePersistentDisk' ? 'persistentDisk' : source
  return rule?.(volume[source] as NonNullable<Volume[S]>, path.child(name)) ?? []
}

export function* validateHostPath(
  { path: target, type }: HostPathVolumeSource,
  path: FieldPath,
): FieldErrors {
  if (target === '') {
    yield required(path.child('path'))
    return
  }
  yield* validateNoBacksteps(target, path.child('path'))
  if (!HOST_PATH_TYPES.includes(type)) {
    yield notSupported(path.child('type'), type, HOST_PATH_TYPES)
  }
}

export function* validateNfs(
  { server, path: target }: NFSVolumeSource,
  path: FieldPath,
): FieldErrors {
  if (server === '') yield required(path.child('server'))
  if (target === '') yield required(path.child('path'))
  if (!target.startsWith('/')) {
    yield invalid(path.child('path'), target, 'must be an absolute path')
  }
}
