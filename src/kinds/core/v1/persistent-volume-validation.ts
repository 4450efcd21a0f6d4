import { normalize } from 'node:path/posix'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  collected,
  type FieldError,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { diffJson } from '../../../machinery/unified-diff.ts'
import {
  FIELD_IS_IMMUTABLE,
  invalids,
  validateImmutable,
} from '../../../machinery/validate-object-meta.ts'
import { validateNodeSelector } from './affinity-validation.ts'
import { validateDnsLabel, validateDnsSubdomain, validateNoBacksteps } from './field-rules.ts'
import { validateIscsi } from './iscsi-validation.ts'
import {
  validateAzureDisk,
  validateAzureFile,
  validateCinder,
  validateCloudDisk,
  validateFibreChannel,
  validateFlex,
  validateFlocker,
  validateGiven,
  validateGlusterfsOfCluster,
  validatePhoton,
  validatePortworx,
  validateQuobyte,
  validateStorageOs,
  validateVsphere,
} from './legacy-volume-validation.ts'
import type { PersistentVolume } from './persistent-volume.ts'
import { validateAccessModes } from './persistent-volume-claim-validation.ts'
import type { CSIPersistentVolumeSource } from './persistent-volume-sources.ts'
import type { PersistentVolumeSpec } from './persistent-volume-spec.ts'
import { validateHostPath, validateNfs } from './volume-validation.ts'

/** The order in which upstream looks for the source. */
const SOURCES = [
  ...(['hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker'] as const),
  ...(['nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume'] as const),
  ...(['azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume'] as const),
  ...(['azureDisk', 'scaleIO', 'local', 'storageos', 'csi'] as const),
] as const
const NEW_LABELS: ReadonlyMap<string, string> = new Map([
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
])
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain']
const VOLUME_MODES = ['Block', 'Filesystem']
const SECRETS = [
  ...(['controllerPublishSecretRef', 'controllerExpandSecretRef'] as const),
  ...(['nodePublishSecretRef', 'nodeExpandSecretRef'] as const),
] as const

export function* validatePersistentVolume(
  { metadata, spec }: PersistentVolume,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  const { accessModes = [], capacity = {}, volumeMode } = spec
  if (accessModes.length === 0) yield required(specPath.child('accessModes'))
  yield* validateAccessModes(accessModes, specPath.child('accessModes'))
  yield* validateCapacity(capacity, specPath.child('capacity'))
  const { persistentVolumeReclaimPolicy: policy, storageClassName } = spec
  const policyPath = specPath.child('persistentVolumeReclaimPolicy')
  if (!RECLAIM_POLICIES.includes(policy)) yield notSupported(policyPath, policy, RECLAIM_POLICIES)
  yield* validateAffinity(spec, specPath.child('nodeAffinity'))
  yield* validateSource(metadata.name, spec, specPath)
  if (policy === 'Recycle' && normalize(spec.hostPath?.path ?? '.') === '/') {
    yield forbidden(policyPath, "may not be 'recycle' for a hostPath mount of '/'")
  }
  if (storageClassName) {
    yield* validateDnsSubdomain(storageClassName, specPath.child('storageClassName'))
  }
  if (!VOLUME_MODES.includes(volumeMode)) {
    yield notSupported(specPath.child('volumeMode'), volumeMode, VOLUME_MODES)
  }
  yield* validateAttributesClass(spec, specPath)
}

/** Where the storage is never changes. */
export function* validatePersistentVolumeUpdate(
  volume: PersistentVolume,
  old: PersistentVolume,
  path: FieldPath,
): FieldErrors {
  // Upstream judges the whole volume twice.
  yield* validatePersistentVolume(volume, path)
  yield* validatePersistentVolume(volume, path)
  const specPath = path.child('spec')
  const before = sourceOf(old.spec)
  const after = sourceOf(withoutNewSecret(volume.spec, old.spec))
  if (!deepEqual(after, before)) {
    const why = 'spec.persistentvolumesource is immutable after creation'
    const difference = diffJson(before, after)
    yield forbidden(specPath.child('persistentvolumesource'), `${why}\n${difference}`)
  }
  yield* validateImmutable(volume.spec.volumeMode, old.spec.volumeMode, path.child('volumeMode'))
  const { nodeAffinity } = volume.spec
  if (old.spec.nodeAffinity && !deepEqual(nodeAffinity, withNewLabels(nodeAffinity, old))) {
    const why = `${FIELD_IS_IMMUTABLE}, except for updating from beta label to GA`
    yield invalid(path.child('nodeAffinity'), nodeAffinity, why)
  }
  const { volumeAttributesClassName: name } = volume.spec
  if (name !== undefined || old.spec.volumeAttributesClassName === undefined) return
  const why = 'update from non-nil value to nil is forbidden'
  yield forbidden(specPath.child('volumeAttributesClassName'), why)
}

/** The affinity of the old volume with those labels that the new one has in their present form. */
function withNewLabels(
  affinity: PersistentVolumeSpec['nodeAffinity'],
  { spec }: PersistentVolume,
): PersistentVolumeSpec['nodeAffinity'] {
  const given = affinity?.required?.nodeSelectorTerms ?? []
  const old = spec.nodeAffinity?.required
  if (old === undefined) return spec.nodeAffinity
  const nodeSelectorTerms = old.nodeSelectorTerms.map((term, at) => {
    const { matchExpressions } = term
    if (matchExpressions === undefined) return term
    return {
      ...term,
      matchExpressions: matchExpressions.map((one, index) => {
        const key = given[at]?.matchExpressions?.[index]?.key
        return key !== undefined && NEW_LABELS.get(one.key) === key ? { ...one, key } : one
      }),
    }
  })
  return { required: { ...old, nodeSelectorTerms } }
}

/** The status follows from what the controllers do. */
export function* validatePersistentVolumeStatusUpdate(): FieldErrors {}

function* validateCapacity(
  capacity: { readonly [name: string]: string },
  path: FieldPath,
): FieldErrors {
  const entries = Object.entries(capacity)
  if (entries.length === 0) yield required(path)
  if (entries.length !== 1 || capacity['storage'] === undefined) {
    const sorted = Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    yield notSupported(path, entries.length > 0 ? sorted : undefined, ['storage'])
  }
  for (const [name, text] of entries) {
    if (parseQuantity(text).sign > 0) continue
    yield invalid(path.key(name), text, 'must be greater than zero')
  }
}

function* validateAffinity({ nodeAffinity }: PersistentVolumeSpec, path: FieldPath): FieldErrors {
  if (nodeAffinity === undefined) return
  const requiredPath = path.child('required')
  if (nodeAffinity.required === undefined) {
    yield required(requiredPath, 'must specify required node constraints')
  } else
    yield* collected(
      validateNodeSelector,
      nodeAffinity.required.nodeSelectorTerms,
      requiredPath.child('nodeSelectorTerms'),
    )
}

/** Of several sources only the first one is looked at; flex volumes are looked at always. */
function* validateSource(name: string, spec: PersistentVolumeSpec, path: FieldPath): FieldErrors {
  let isFirst = true
  for (const source of SOURCES) {
    if (spec[source] === undefined) continue
    if (isFirst || source === 'flexVolume') yield* validateOne(source, name, spec, path)
    else {
      const at = path.child(source === 'cephfs' ? 'cephFS' : source)
      yield forbidden(at, 'may not specify more than 1 volume type')
    }
    isFirst = false
  }
  if (isFirst) yield required(path, 'must specify a volume type')
}

type Source = (typeof SOURCES)[number]
type Rule<S extends Source> = (
  errors: FieldError[],
  source: NonNullable<PersistentVolumeSpec[S]>,
  path: FieldPath,
) => void

const RULES: { readonly [S in Exclude<Source, 'iscsi' | 'local'>]: Rule<S> } = {
  hostPath: validateHostPath,
  gcePersistentDisk: validateCloudDisk,
  awsElasticBlockStore: validateCloudDisk,
  glusterfs: validateGlusterfsOfCluster,
  flocker: validateFlocker,
  nfs: validateNfs,
  rbd: (errors, source, path) => validateGiven(errors, source, ['monitors', 'image'], path),
  quobyte: validateQuobyte,
  cephfs: (errors, source, path) => validateGiven(errors, source, ['monitors'], path),
  cinder: (errors, source, path) => validateCinder(errors, source, path, true),
  fc: validateFibreChannel,
  flexVolume: validateFlex,
  azureFile(errors, source, path) {
    validateAzureFile(errors, source, path)
    if (source.secretNamespace === '') errors.push(required(path.child('secretNamespace')))
  },
  vsphereVolume: validateVsphere,
  photonPersistentDisk: validatePhoton,
  portworxVolume: validatePortworx,
  azureDisk: validateAzureDisk,
  scaleIO: (errors, source, path) =>
    validateGiven(errors, source, ['gateway', 'system', 'volumeName'], path),
  storageos: (errors, source, path) => validateStorageOs(errors, source, path, true),
  csi: validateCsi,
}

function* validateOne<S extends Source>(
  source: S,
  name: string,
  spec: PersistentVolumeSpec,
  path: FieldPath,
): FieldErrors {
  const { iscsi, local } = spec
  const at = path.child(source === 'gcePersistentDisk' ? 'persistentDisk' : source)
  if (source === 'iscsi' && iscsi) yield* collected(validateIscsi, iscsi, at, name)
  else if (source === 'local' && local) {
    if (local.path === '') yield required(at.child('path'))
    else yield* validateNoBacksteps(local.path, at.child('path'))
    if (spec.nodeAffinity === undefined) {
      yield required(path.child('nodeAffinity'), 'Local volume requires node affinity')
    }
  } else {
    const rule = (RULES as { readonly [S in Source]?: Rule<S> })[source] as Rule<S> | undefined
    if (rule === undefined) return
    yield* collected(rule, spec[source] as NonNullable<PersistentVolumeSpec[S]>, at)
  }
}

function validateCsi(errors: FieldError[], csi: CSIPersistentVolumeSource, path: FieldPath): void {
  const driverPath = path.child('driver')
  if (csi.driver === '') errors.push(required(driverPath))
  else {
    const reasons = dns1123SubdomainErrors(csi.driver.toLowerCase())
    errors.push(...invalids(driverPath, csi.driver, reasons))
  }
  if (csi.volumeHandle === '') errors.push(required(path.child('volumeHandle')))
  for (const field of SECRETS) {
    const secret = csi[field]
    if (secret === undefined) continue
    for (const part of ['name', 'namespace'] as const) {
      const partPath = path.child(field, part)
      const value = secret[part]
      if (!value) errors.push(required(partPath))
      else if (part === 'name') errors.push(...validateDnsSubdomain(value, partPath))
      else errors.push(...validateDnsLabel(value, partPath))
    }
  }
}

function* validateAttributesClass(spec: PersistentVolumeSpec, path: FieldPath): FieldErrors {
  const { volumeAttributesClassName: name, csi } = spec
  if (name === undefined) return
  const namePath = path.child('volumeAttributesClassName')
  if (name === '') yield required(namePath, 'an empty string is disallowed')
  else yield* validateDnsSubdomain(name, namePath)
  if (csi !== undefined) return
  const why = 'has to be specified when using volumeAttributesClassName'
  yield required(path.child('csi'), why)
}

function sourceOf(spec: PersistentVolumeSpec): Partial<PersistentVolumeSpec> {
  return Object.fromEntries(SOURCES.map((source) => [source, spec[source]]))
}

/** The secret for growing a volume may be named later. */
function withoutNewSecret(
  spec: PersistentVolumeSpec,
  old: PersistentVolumeSpec,
): PersistentVolumeSpec {
  const { csi } = spec
  if (csi === undefined || old.csi === undefined) return spec
  if (old.csi.controllerExpandSecretRef !== undefined) return spec
  return { ...spec, csi: { ...csi, controllerExpandSecretRef: undefined } }
}
