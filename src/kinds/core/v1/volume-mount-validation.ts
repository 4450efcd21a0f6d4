import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notFoundField,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import type { Container, VolumeDevice, VolumeMount } from './container.ts'
import { notedOf, validateDescendingPath } from './field-rules.ts'
import type { Volume } from './volume.ts'

type Volumes = ReadonlyMap<string, Volume>
type Mounting = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible']

/** What a container mounts, and what devices it uses, must be volumes of the pod. */
export function validateVolumeUse(
  errors: FieldError[],
  container: Mounting,
  volumes: Volumes,
  path: FieldPath,
): void {
  if (container.volumeMounts) {
    validateMounts(errors, container, volumes, path.child('volumeMounts'))
  }
  if (container.volumeDevices) {
    validateDevices(errors, container, volumes, path.child('volumeDevices'))
  }
}

function validateMounts(
  errors: FieldError[],
  container: Mounting,
  volumes: Volumes,
  path: FieldPath,
): void {
  const { volumeMounts = [], volumeDevices } = container
  const mountPaths = notedOf(volumeMounts)
  for (const [index, mount] of volumeMounts.entries()) {
    const { name, mountPath, subPath = '', subPathExpr = '' } = mount
    const itemPath = path.index(index)
    const namePath = itemPath.child('name')
    const mountPathPath = itemPath.child('mountPath')
    if (name === '') errors.push(required(namePath))
    if (!volumes.has(name)) errors.push(notFoundField(namePath, name))
    if (mountPath === '') errors.push(required(mountPathPath))
    if (mountPaths?.has(mountPath)) errors.push(invalid(mountPathPath, mountPath, 'must be unique'))
    mountPaths?.add(mountPath)
    if (volumeDevices?.some((device) => device.name === name)) {
      errors.push(invalid(namePath, name, 'must not already exist in volumeDevices'))
    }
    if (volumeDevices?.some((device) => device.devicePath === mountPath)) {
      const why = 'must not already exist as a path in volumeDevices'
      errors.push(invalid(mountPathPath, mountPath, why))
    }
    if (subPath !== '') errors.push(...validateDescendingPath(subPath, path.child('subPath')))
    if (subPathExpr !== '') {
      if (subPath !== '') {
        const why = 'subPathExpr and subPath are mutually exclusive'
        errors.push(invalid(itemPath.child('subPathExpr'), subPathExpr, why))
      }
      errors.push(...validateDescendingPath(subPathExpr, path.child('subPathExpr')))
    }
    validatePropagation(errors, mount, container, path)
    validateRecursiveReadOnly(errors, mount, path)
  }
}

function validatePropagation(
  errors: FieldError[],
  { mountPropagation: propagation }: VolumeMount,
  { securityContext }: Mounting,
  mountsPath: FieldPath,
): void {
  if (propagation === undefined) return
  const path = mountsPath.child('mountPropagation')
  if (!PROPAGATIONS.includes(propagation)) {
    errors.push(notSupported(path, propagation, PROPAGATIONS))
  }
  if (propagation === 'Bidirectional' && securityContext?.privileged !== true) {
    const why = 'Bidirectional mount propagation is available only to privileged containers'
    errors.push(forbidden(path, why))
  }
}

function validateRecursiveReadOnly(
  errors: FieldError[],
  mount: VolumeMount,
  mountsPath: FieldPath,
): void {
  const { recursiveReadOnly: mode, readOnly, mountPropagation = 'None' } = mount
  if (mode === undefined || mode === 'Disabled') return
  const path = mountsPath.child('recursiveReadOnly')
  if (!RECURSIVE_READ_ONLY.includes(mode)) {
    errors.push(notSupported(path, mode, RECURSIVE_READ_ONLY))
    return
  }
  if (readOnly !== true) errors.push(forbidden(path, 'may only be specified when readOnly is true'))
  if (mountPropagation !== 'None') {
    const why = 'may only be specified when mountPropagation is None or not specified'
    errors.push(forbidden(path, why))
  }
}

function validateDevices(
  errors: FieldError[],
  container: Mounting,
  volumes: Volumes,
  path: FieldPath,
): void {
  const { volumeMounts = [], volumeDevices = [] } = container
  const seen = { names: new Set<string>(), paths: new Set<string>() }
  for (const [index, device] of volumeDevices.entries()) {
    const { name, devicePath } = device
    const namePath = path.index(index).child('name')
    const devicePathPath = path.index(index).child('devicePath')
    if (name === '') errors.push(required(namePath))
    if (seen.names.has(name)) errors.push(invalid(namePath, name, 'must be unique'))
    validateDeviceVolume(errors, device, volumes.get(name), namePath)
    if (devicePath === '') errors.push(required(devicePathPath))
    if (seen.paths.has(devicePath))
      errors.push(invalid(devicePathPath, devicePath, 'must be unique'))
    if (devicePath.split('/').includes('..')) {
      errors.push(invalid(devicePathPath, devicePath, "can not contain backsteps ('..')"))
    } else seen.paths.add(devicePath)
    if (volumeMounts.some((mount) => mount.name === name)) {
      errors.push(invalid(namePath, name, 'must not already exist in volumeMounts'))
    }
    if (volumeMounts.some((mount) => mount.mountPath === devicePath)) {
      const why = 'must not already exist as a path in volumeMounts'
      errors.push(invalid(devicePathPath, devicePath, why))
    }
    if (name !== '') seen.names.add(name)
  }
}

/** Only a claim can be a block device. */
function validateDeviceVolume(
  errors: FieldError[],
  { name }: VolumeDevice,
  volume: Volume | undefined,
  path: FieldPath,
): void {
  if (volume === undefined) errors.push(notFoundField(path, name))
  else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
    const types = 'PersistentVolumeClaim or Ephemeral'
    errors.push(invalid(path, name, `can only use volume source type of ${types} for block mode`))
  }
}
