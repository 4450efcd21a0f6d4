import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  collected,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { parseQuantity, type Quantity } from '../../../machinery/quantity.ts'
import { diffJson } from '../../../machinery/unified-diff.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateDnsSubdomain, validateQualifiedName } from './field-rules.ts'
import type { TypedLocalObjectReference } from './object-reference.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import type { PersistentVolumeClaimSpec } from './persistent-volume-claim-spec.ts'
import { isNativeResource } from './resource-names.ts'
import { validateQuantity } from './resource-validation.ts'

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const RESIZE_STATES = [
  ...['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress'],
  ...['NodeResizeInfeasible', 'NodeResizePending'],
]
const VOLUME_MODES = ['Block', 'Filesystem']
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class'

export function validateClaim({ spec }: PersistentVolumeClaim, path: FieldPath): FieldErrors {
  return validateClaimSpec(spec, path.child('spec'))
}

/** What is asked for, by a claim or by the template of one. */
export function* validateClaimSpec(spec: PersistentVolumeClaimSpec, path: FieldPath): FieldErrors {
  const { accessModes = [], storageClassName, volumeAttributesClassName, volumeMode } = spec
  const modesPath = path.child('accessModes')
  if (accessModes.length === 0) yield required(modesPath, 'at least 1 access mode is required')
  yield* collected(validateLabelSelector, spec.selector, path.child('selector'))
  yield* validateAccessModes(accessModes, modesPath)
  yield* validateStorage(spec.resources.requests?.['storage'], path.child('resources'))
  if (storageClassName)
    yield* validateDnsSubdomain(storageClassName, path.child('storageClassName'))
  if (!VOLUME_MODES.includes(volumeMode)) {
    yield notSupported(path.child('volumeMode'), volumeMode, VOLUME_MODES)
  }
  yield* validateSources(spec, path)
  if (volumeAttributesClassName) {
    yield* validateDnsSubdomain(volumeAttributesClassName, path.child('volumeAttributesClassName'))
  }
}

/** A claim is what it was made as, but for its size and attributes while it is bound. */
export function* validateClaimUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  yield* validateClaimSpec(claim.spec, specPath)
  yield* validateOldClass(claim, old, path.child('metadata', OLD_CLASS))
  const allowed = withAllowedChanges(claim, old)
  if (!deepEqual(allowed, old.spec)) {
    const why =
      'spec is immutable after creation except resources.requests and ' +
      'volumeAttributesClassName for bound claims'
    yield forbidden(specPath, `${why}\n${diffJson(old.spec, allowed)}`)
  }
  yield* validateSize(claim, old, specPath.child('resources', 'requests', 'storage'))
  yield* validateImmutable(claim.spec.volumeMode, old.spec.volumeMode, path.child('volumeMode'))
  const { currentVolumeAttributesClassName: current } = old.status
  const { volumeAttributesClassName: name } = claim.spec
  if (current === undefined || name || old.spec.volumeAttributesClassName === name) return
  const what = name === undefined ? 'nil' : 'empty string'
  const when = 'when status.currentVolumeAttributesClassName is not nil'
  const why = `update to ${what} is forbidden ${when}`
  yield forbidden(specPath.child('volumeAttributesClassName'), why)
}

export function* validateClaimStatusUpdate(
  { status }: PersistentVolumeClaim,
  _old: PersistentVolumeClaim,
  path: FieldPath,
): FieldErrors {
  for (const [name, text] of Object.entries(status.capacity ?? {})) {
    if (parseQuantity(text).sign >= 0) continue
    yield invalid(
      path.child('status', 'capacity').key(name),
      text,
      'must be a valid resource quantity',
    )
  }
  const { allocatedResourceStatuses = {}, allocatedResources = {} } = status
  const statusesPath = path.child('status', 'allocatedResourceStatuses')
  for (const [name, state] of Object.entries(allocatedResourceStatuses)) {
    yield* validateResourceKey(name, statusesPath)
    if (!RESIZE_STATES.includes(state)) yield notSupported(statusesPath, name, RESIZE_STATES)
  }
  const allocatedPath = path.child('status', 'allocatedResources')
  for (const [name, text] of Object.entries(allocatedResources)) {
    const errors = [...validateResourceKey(name, allocatedPath)]
    if (errors.length > 0) yield* errors
    else yield* collected(validateQuantity, 'storage', text, allocatedPath.key(name))
  }
}

/** Storage, or something of a CSI driver's own. */
function* validateResourceKey(name: string, path: FieldPath): FieldErrors {
  const errors = [...validateQualifiedName(name, path)]
  yield* errors
  if (errors.length > 0 || name === 'storage' || !isNativeResource(name)) return
  yield notSupported(path, name, ['storage'])
}

/** A volume that only one pod may use is used in no other way. */
export function* validateAccessModes(modes: readonly string[], path: FieldPath): FieldErrors {
  const unknown = modes.filter((mode) => !ACCESS_MODES.includes(mode))
  for (const mode of unknown) yield notSupported(path, mode, ACCESS_MODES)
  const isOnePod = (mode: string) => mode === 'ReadWriteOncePod'
  const known = modes.filter((mode) => ACCESS_MODES.includes(mode))
  if (known.some(isOnePod) && !known.every(isOnePod)) {
    yield forbidden(path, 'may not use ReadWriteOncePod with other access modes')
  }
}

function* validateStorage(text: string | undefined, path: FieldPath): FieldErrors {
  const storagePath = path.key('storage')
  if (text === undefined) yield required(storagePath)
  else if (parseQuantity(text).sign <= 0)
    yield invalid(storagePath, text, 'must be greater than zero')
  else yield* collected(validateQuantity, 'storage', text, storagePath)
}

function* validateSources(spec: PersistentVolumeClaimSpec, path: FieldPath): FieldErrors {
  const { dataSource, dataSourceRef } = spec
  if (dataSource !== undefined) yield* validateSource(dataSource, path.child('dataSource'))
  if (dataSourceRef === undefined) return
  yield* validateSource(dataSourceRef, path.child('dataSourceRef'))
  if (dataSource === undefined) return
  const { namespace, ...local } = dataSourceRef
  // Upstream shows the path of the source, which shows as nothing.
  if (namespace) {
    yield invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified')
  } else if (!deepEqual(local, dataSource)) yield invalid(path, {}, 'must match dataSourceRef')
}

function* validateSource(source: TypedLocalObjectReference, path: FieldPath): FieldErrors {
  const { kind, name } = source
  const apiGroup = source.apiGroup ?? ''
  if (name === '') yield required(path.child('name'))
  if (kind === '') yield required(path.child('kind'))
  if (apiGroup !== '') yield* validateDnsSubdomain(apiGroup, path.child('apiGroup'))
  else if (kind !== 'PersistentVolumeClaim') {
    const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
    yield invalid(path, kind, why)
  }
}

/** The annotation of old, which named the class before there was a field. */
function* validateOldClass(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  path: FieldPath,
): FieldErrors {
  if (movesClassToField(claim, old)) return
  const value = claim.metadata.annotations?.[OLD_CLASS] ?? ''
  const oldValue = old.metadata.annotations?.[OLD_CLASS] ?? ''
  yield* validateImmutable(value, oldValue, path)
}

function movesClassToField(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const oldAnnotation = old.metadata.annotations?.[OLD_CLASS]
  const annotation = claim.metadata.annotations?.[OLD_CLASS]
  return (
    oldAnnotation !== undefined &&
    old.spec.storageClassName === undefined &&
    claim.spec.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation)
  )
}

/** The new spec with the old values of what may change. */
function withAllowedChanges(
  { metadata, spec, status }: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): PersistentVolumeClaimSpec {
  const isBound = status.phase === 'Bound'
  const isUnnamed = !old.spec.volumeName
  const claim = { metadata, spec, status } as PersistentVolumeClaim
  const gotClass =
    old.spec.storageClassName === undefined && old.metadata.annotations?.[OLD_CLASS] === undefined
  const { requests } = spec.resources
  const storage = old.spec.resources.requests?.['storage']
  return {
    ...spec,
    ...(isUnnamed && { volumeName: old.spec.volumeName }),
    ...((gotClass || movesClassToField(claim, old)) && {
      storageClassName: old.spec.storageClassName,
    }),
    ...(isBound && { volumeAttributesClassName: old.spec.volumeAttributesClassName }),
    ...(isBound &&
      requests !== undefined &&
      storage !== undefined && {
        resources: { ...spec.resources, requests: { ...requests, storage } },
      }),
  }
}

/** A request that could not be met may become smaller again, but not below what there is. */
function* validateSize(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  path: FieldPath,
): FieldErrors {
  const size = sizeOf(claim.spec.resources.requests)
  if (size.compare(sizeOf(old.spec.resources.requests)) >= 0) return
  if (size.compare(sizeOf(old.status.capacity)) > 0) return
  yield forbidden(path, 'field can not be less than status.capacity')
}

function sizeOf(amounts: { readonly [name: string]: string } | undefined): Quantity {
  return parseQuantity(amounts?.['storage'] ?? '0')
}
