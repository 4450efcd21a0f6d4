import { normalize } from 'node:path/posix'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
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
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateNodeSelector } from './affinity-validation.ts'
import { validateDnsSubdomain, validateNoBacksteps } from './field-rules.ts'
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
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain']
const VOLUME_MODES = ['Block', 'Filesystem']
const SECRETS = [
  ...(['controllerPublishSecretRef', 'controllerExpandSecretRef'] as const),
  ...(['nodePublishSecretRef', 'nodeExpandSecretRef'] as const),
] as const

export function* validatePersistentVolume(
  { spec }: PersistentVolume,
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
  yield* validateSource(spec, specPath)
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
  const { volumeAttributesClassName: name } = volume.spec
  if (name !== undefined || old.spec.volumeAttributesClassName === undefined) return
  const why = 'update from non-nil value to nil is forbidden'
  yield forbidden(specPath.child('volumeAttributesClassName'), why)
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
    yield notSupported(path, JSON.stringify(capacity), ['storage'])
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
    yield* validateNodeSelector(
      nodeAffinity.required.nodeSelectorTerms,
      requiredPath.child('nodeSelectorTerms'),
    )
}

function* validateSource(spec: PersistentVolumeSpec, path: FieldPath): FieldErrors {
  const [first, ...others] = SOURCES.filter((source) => spec[source] !== undefined)
  if (first === undefined) {
    yield required(path, 'must specify a volume type')
    return
  }
  const { hostPath, nfs, local, csi } = spec
  const sourcePath = path.child(first)
  if (first === 'hostPath' && hostPath) yield* validateHostPath(hostPath, sourcePath)
  else if (first === 'nfs' && nfs) yield* validateNfs(nfs, sourcePath)
  else if (first === 'csi' && csi) yield* validateCsi(csi, sourcePath)
  else if (first === 'local' && local) {
    if (local.path === '') yield required(sourcePath.child('path'))
    else yield* validateNoBacksteps(local.path, sourcePath.child('path'))
    if (spec.nodeAffinity === undefined) {
      yield required(path.child('nodeAffinity'), 'Local volume requires node affinity')
    }
  }
  for (const other of others) {
    yield forbidden(path.child(other), 'may not specify more than 1 volume type')
  }
}

function* validateCsi(csi: CSIPersistentVolumeSource, path: FieldPath): FieldErrors {
  const driverPath = path.child('driver')
  if (csi.driver === '') yield required(driverPath)
  else yield* invalids(driverPath, csi.driver, dns1123SubdomainErrors(csi.driver.toLowerCase()))
  if (csi.volumeHandle === '') yield required(path.child('volumeHandle'))
  for (const field of SECRETS) {
    const secret = csi[field]
    if (secret === undefined) continue
    for (const part of ['name', 'namespace'] as const) {
      const partPath = path.child(field, part)
      if (!secret[part]) yield required(partPath)
      else yield* validateDnsSubdomain(secret[part], partPath)
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
