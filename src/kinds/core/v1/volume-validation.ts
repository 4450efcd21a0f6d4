import {
  duplicate,
  type FieldError,
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
type Rule<S extends Source> = (
  errors: FieldError[],
  source: NonNullable<Volume[S]>,
  path: FieldPath,
  podName: string,
) => void

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
  emptyDir(errors, { sizeLimit }, path) {
    if (sizeLimit !== undefined && parseQuantity(sizeLimit).sign < 0) {
      errors.push(
        forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity'),
      )
    }
  },
  hostPath: validateHostPath,
  secret(errors, { secretName = '', defaultMode, items = [] }, path) {
    if (secretName === '') errors.push(required(path.child('secretName')))
    errors.push(...validateFileMode(defaultMode, path.child('defaultMode')))
    for (const [index, item] of items.entries()) {
      validateKeyToPath(errors, item, path.child('items').index(index))
    }
  },
  configMap(errors, { name = '', defaultMode, items = [] }, path) {
    if (name === '') errors.push(required(path.child('name')))
    errors.push(...validateFileMode(defaultMode, path.child('defaultMode')))
    for (const [index, item] of items.entries()) {
      validateKeyToPath(errors, item, path.child('items').index(index))
    }
  },
  nfs: validateNfs,
  gitRepo: validateGitRepo,
  gcePersistentDisk: validateCloudDisk,
  awsElasticBlockStore: validateCloudDisk,
  iscsi: (errors, source, path) => validateIscsi(errors, source, path),
  glusterfs: (errors, source, path) => validateGiven(errors, source, ['endpoints', 'path'], path),
  flocker: validateFlocker,
  rbd: (errors, source, path) => validateGiven(errors, source, ['monitors', 'image'], path),
  cinder: (errors, source, path) => validateCinder(errors, source, path, false),
  cephfs: (errors, source, path) => validateGiven(errors, source, ['monitors'], path),
  quobyte: validateQuobyte,
  fc: validateFibreChannel,
  flexVolume: validateFlex,
  azureFile: validateAzureFile,
  vsphereVolume: validateVsphere,
  photonPersistentDisk: validatePhoton,
  portworxVolume: validatePortworx,
  azureDisk: validateAzureDisk,
  storageos: (errors, source, path) => validateStorageOs(errors, source, path, false),
  scaleIO: (errors, source, path) =>
    validateGiven(errors, source, ['gateway', 'system', 'volumeName'], path),
  persistentVolumeClaim(errors, { claimName }, path) {
    if (claimName === '') errors.push(required(path.child('claimName')))
  },
  downwardAPI(errors, { defaultMode, items = [] }, path) {
    errors.push(...validateFileMode(defaultMode, path.child('defaultMode')))
    for (const item of items) validateDownwardFile(errors, item, path)
  },
  projected: validateProjected,
  csi(errors, { driver, nodePublishSecretRef }, path) {
    if (driver === '') errors.push(required(path.child('driver')))
    else {
      const reasons = dns1123SubdomainErrors(driver.toLowerCase())
      errors.push(...invalids(path.child('driver'), driver, reasons))
    }
    if (nodePublishSecretRef === undefined) return
    const { name = '' } = nodePublishSecretRef
    if (name === '') errors.push(required(path.child('nodePublishSecretRef', 'name')))
    else errors.push(...invalids(path.child('name'), name, subdomainNameErrors(name, false)))
  },
  ephemeral(errors, { volumeClaimTemplate: template }, path) {
    const templatePath = path.child('volumeClaimTemplate')
    if (template === undefined) {
      errors.push(required(templatePath))
      return
    }
    validateTemplateMetadata(errors, template.metadata, templatePath.child('metadata'))
    errors.push(...validateClaimSpec(template.spec, templatePath.child('spec')))
  },
  image(errors, { reference = '', pullPolicy }, path, podName) {
    // A template may leave it to whoever makes the pod.
    if (reference === '' && podName !== '') errors.push(required(path.child('reference')))
    if (pullPolicy !== undefined && !PULL_POLICIES.includes(pullPolicy)) {
      errors.push(notSupported(path.child('pullPolicy'), pullPolicy, PULL_POLICIES))
    }
  },
}

/**
 * Answers the volumes that mounts may name, which are those in which nothing is wrong. `podName` is
 * empty in templates.
 */
export function validateVolumes(
  errors: FieldError[],
  volumes: readonly Volume[],
  podName: string,
  path: FieldPath,
): ReadonlyMap<string, Volume> {
  const valid = new Map<string, Volume>()
  for (const [index, volume] of volumes.entries()) {
    const { name, persistentVolumeClaim: claim } = volume
    const itemPath = path.index(index)
    const before = errors.length
    validateSource(errors, volume, podName, itemPath)
    if (name === '') errors.push(required(itemPath.child('name')))
    else errors.push(...validateDnsLabel(name, itemPath.child('name')))
    if (valid.has(name)) errors.push(duplicate(itemPath.child('name'), name))
    if (errors.length === before) valid.set(name, volume)
    if (claim !== undefined && isMadeForPod(claim.claimName, volumes, podName)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume'
      const claimPath = itemPath.child('persistentVolumeClaim', 'claimName')
      errors.push(invalid(claimPath, claim.claimName, why))
    }
  }
  return valid
}

/** A claim that is made for one of the volumes, under the names of pod and volume. */
function isMadeForPod(claim: string, volumes: readonly Volume[], podName: string): boolean {
  if (podName === '') return false
  return volumes.some(
    ({ name, ephemeral }) => ephemeral !== undefined && claim === `${podName}-${name}`,
  )
}

function validateSource(
  errors: FieldError[],
  volume: Volume,
  podName: string,
  path: FieldPath,
): void {
  let first: Source | undefined
  for (const source of SOURCES) {
    if (volume[source] === undefined) continue
    if (first !== undefined) {
      errors.push(forbidden(path.child(MISNAMED_BESIDE.get(source) ?? source), TOO_MANY))
      continue
    }
    first = source
    applyRule(errors, source, volume, podName, path)
  }
  if (first === undefined) {
    errors.push(required(path, 'must specify a volume type'))
    return
  }
  if (volume.iscsi) validateInitiatorLength(errors, volume.iscsi, volume.name, path)
  if (first === 'ephemeral' && podName !== '' && volume.name !== '') {
    const claim = `${podName}-${volume.name}`
    for (const reason of subdomainNameErrors(claim, false)) {
      const why = `PVC name ${JSON.stringify(claim)}: ${reason}`
      errors.push(invalid(path.child('name'), volume.name, why))
    }
  }
}

function applyRule<S extends Source>(
  errors: FieldError[],
  source: S,
  volume: Volume,
  podName: string,
  path: FieldPath,
): void {
  const rule = RULES[source] as Rule<S> | undefined
  const name = source === 'gcePersistentDisk' ? 'persistentDisk' : source
  rule?.(errors, volume[source] as NonNullable<Volume[S]>, path.child(name), podName)
}

export function validateHostPath(
  errors: FieldError[],
  { path: target, type }: HostPathVolumeSource,
  path: FieldPath,
): void {
  if (target === '') {
    errors.push(required(path.child('path')))
    return
  }
  errors.push(...validateNoBacksteps(target, path.child('path')))
  if (!HOST_PATH_TYPES.includes(type)) {
    errors.push(notSupported(path.child('type'), type, HOST_PATH_TYPES))
  }
}

export function validateNfs(
  errors: FieldError[],
  { server, path: target }: NFSVolumeSource,
  path: FieldPath,
): void {
  if (server === '') errors.push(required(path.child('server')))
  if (target === '') errors.push(required(path.child('path')))
  if (!target.startsWith('/')) {
    errors.push(invalid(path.child('path'), target, 'must be an absolute path'))
  }
}
