import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notFoundField,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import type { Container, VolumeDevice, VolumeMount } from './container.ts'
import { validateDescendingPath } from './field-rules.ts'
import type { Volume } from './volume.ts'

type Volumes = ReadonlyMap<string, Volume>
type Mounting = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible']

/** What a container mounts, and what devices it uses, must be volumes of the pod. */
export function* validateVolumeUse(
  container: Mounting,
  volumes: Volumes,
  path: FieldPath,
): FieldErrors {
  yield* validateMounts(container, volumes, path.child('volumeMounts'))
  yield* validateDevices(container, volumes, path.child('volumeDevices'))
}

function* validateMounts(container: Mounting, volumes: Volumes, path: FieldPath): FieldErrors {
  const { volumeMounts = [], volumeDevices = [] } = container
  const mountPaths = new Set<string>()
  for (const [index, mount] of volumeMounts.entries()) {
    const { name, mountPath, subPath = '', subPathExpr = '' } = mount
    const namePath = path.index(index).child('name')
    const mountPathPath = path.index(index).child('mountPath')
    if (name === '') yield required(namePath)
    if (!volumes.has(name)) yield notFoundField(namePath, name)
    if (mountPath === '') yield required(mountPathPath)
    if (mountPaths.has(mountPath)) yield invalid(mountPathPath, mountPath, 'must be unique')
    mountPaths.add(mountPath)
    if (volumeDevices.some((device) => device.name === name)) {
      yield invalid(namePath, name, 'must not already exist in volumeDevices')
    }
    if (volumeDevices.some((device) => device.devicePath === mountPath)) {
      const why = 'must not already exist as a path in volumeDevices'
      yield invalid(mountPathPath, mountPath, why)
    }
    if (subPath !== '') yield* validateDescendingPath(subPath, path.child('subPath'))
    if (subPathExpr !== '') {
      if (subPath !== '') {
        const why = 'subPathExpr and subPath are mutually exclusive'
        yield invalid(path.index(index).child('subPathExpr'), subPathExpr, why)
      }
      yield* validateDescendingPath(subPathExpr, path.child('subPathExpr'))
    }
    yield* validatePropagation(mount, container, path.child('mountPropagation'))
    yield* validateRecursiveReadOnly(mount, path.child('recursiveReadOnly'))
  }
}

function* validatePropagation(
  { mountPropagation: propagation }: VolumeMount,
  { securityContext }: Mounting,
  path: FieldPath,
): FieldErrors {
  if (propagation === undefined) return
  if (!PROPAGATIONS.includes(propagation)) yield notSupported(path, propagation, PROPAGATIONS)
  if (propagation === 'Bidirectional' && securityContext?.privileged !== true) {
    const why = 'Bidirectional mount propagation is available only to privileged containers'
    yield forbidden(path, why)
  }
}

function* validateRecursiveReadOnly(mount: VolumeMount, path: FieldPath): FieldErrors {
  const { recursiveReadOnly: mode, readOnly, mountPropagation = 'None' } = mount
  if (mode === undefined || mode === 'Disabled') return
  if (!RECURSIVE_READ_ONLY.includes(mode)) {
    yield notSupported(path, mode, RECURSIVE_READ_ONLY)
    return
  }
  if (readOnly !== true) yield forbidden(path, 'may only be specified when readOnly is true')
  if (mountPropagation !== 'None') {
    yield forbidden(path, 'may only be specified when mountPropagation is None or not specified')
  }
}

function* validateDevices(container: Mounting, volumes: Volumes, path: FieldPath): FieldErrors {
  const { volumeMounts = [], volumeDevices = [] } = container
  const seen = { names: new Set<string>(), paths: new Set<string>() }
  for (const [index, device] of volumeDevices.entries()) {
    const { name, devicePath } = device
    const namePath = path.index(index).child('name')
    const devicePathPath = path.index(index).child('devicePath')
    if (name === '') yield required(namePath)
    if (seen.names.has(name)) yield invalid(namePath, name, 'must be unique')
    yield* validateDeviceVolume(device, volumes.get(name), namePath)
    if (devicePath === '') yield required(devicePathPath)
    if (seen.paths.has(devicePath)) yield invalid(devicePathPath, devicePath, 'must be unique')
    if (devicePath.split('/').includes('..')) {
      yield invalid(devicePathPath, devicePath, "can not contain backsteps ('..')")
    } else seen.paths.add(devicePath)
    if (volumeMounts.some((mount) => mount.name === name)) {
      yield invalid(namePath, name, 'must not already exist in volumeMounts')
    }
    if (volumeMounts.some((mount) => mount.mountPath === devicePath)) {
      const why = 'must not already exist as a path in volumeMounts'
      yield invalid(devicePathPath, devicePath, why)
    }
    if (name !== '') seen.names.add(name)
  }
}

/** Only a claim can be a block device. */
function* validateDeviceVolume(
  { name }: VolumeDevice,
  volume: Volume | undefined,
  path: FieldPath,
): FieldErrors {
  if (volume === undefined) yield notFoundField(path, name)
  else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
    const types = 'PersistentVolumeClaim or Ephemeral'
    yield invalid(path, name, `can only use volume source type of ${types} for block mode`)
  }
}
