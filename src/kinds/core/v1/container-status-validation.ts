import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import type { Container } from './container.ts'
import type { ContainerStatus, LinuxContainerUser, ResourceHealth } from './container-status.ts'
import { validateId } from './field-rules.ts'

const HEALTHS = ['Healthy', 'Unhealthy', 'Unknown']
const LONGEST_MESSAGE = 1024
const CLAIM = 'claim:'

/** As whom containers run: what is said of Linux is nothing for a pod of Windows. */
export function* validateContainerUsers(
  statuses: readonly ContainerStatus[],
  os: string,
  path: FieldPath,
): FieldErrors {
  for (const [index, { user }] of statuses.entries()) {
    if (user?.linux === undefined) continue
    const userPath = path.index(index).child('user', 'linux')
    if (os === 'windows') yield forbidden(userPath, 'cannot be set for a windows pod')
    if (os === 'linux') yield* validateLinuxUser(user.linux, userPath)
  }
}

function* validateLinuxUser(user: LinuxContainerUser, path: FieldPath): FieldErrors {
  const { uid, gid, supplementalGroups = [] } = user
  yield* validateId(uid, path.child('uid'))
  yield* validateId(gid, path.child('gid'))
  for (const [index, group] of supplementalGroups.entries()) {
    yield* validateId(group, path.child('supplementalGroups').index(index))
  }
}

/** The health of devices: of what the containers ask for, each device once. */
export function* validateDeviceHealth(
  statuses: readonly ContainerStatus[],
  containers: readonly Container[],
  path: FieldPath,
): FieldErrors {
  for (const [index, { name, allocatedResourcesStatus = [] }] of statuses.entries()) {
    const container = containers.find((one) => one.name === name)
    for (const [place, { name: resource, resources = [] }] of allocatedResourcesStatus.entries()) {
      const at = path.index(index).child('allocatedResourcesStatus').index(place)
      // The status may speak of a container that the spec does not have.
      const why = container && unaskedReason(container, resource)
      if (why !== undefined) yield invalid(at.child('name'), resource, why)
      yield* validateDevices(resources, at.child('resources'))
    }
  }
}

/** Ephemeral containers have no devices. */
export function* validateNoDeviceHealth(
  statuses: readonly ContainerStatus[],
  path: FieldPath,
): FieldErrors {
  for (const [index, { allocatedResourcesStatus = [] }] of statuses.entries()) {
    if (allocatedResourcesStatus.length === 0) continue
    const at = path.index(index).child('allocatedResourcesStatus')
    yield forbidden(at, 'must not be specified in container status')
  }
}

/** Why a container has nothing of a resource; undefined where it asks for it. */
function unaskedReason({ resources = {} }: Container, resource: string): string | undefined {
  const { claims = [], requests = {} } = resources
  if (!resource.startsWith(CLAIM)) {
    if (Object.hasOwn(requests, resource)) return undefined
    return "must match one of the container's resource requests"
  }
  const isAsked = claims.some(({ name, request = '' }) => {
    return resource === (request === '' ? `${CLAIM}${name}` : `${CLAIM}${name}/${request}`)
  })
  if (isAsked) return undefined
  const form = "'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
  return `must match one of the container's resource claims in a format ${form}`
}

function* validateDevices(devices: readonly ResourceHealth[], path: FieldPath): FieldErrors {
  const repeated = repeatedPlaces(devices.map(({ resourceID }) => resourceID))
  for (const [index, { resourceID, health = '', message }] of devices.entries()) {
    const at = path.index(index)
    if (!HEALTHS.includes(health)) yield notSupported(at.child('health'), health, HEALTHS)
    if (message === '') yield required(at.child('message'), 'must be non-empty if specified')
    if (message !== undefined && Buffer.byteLength(message) > LONGEST_MESSAGE) {
      yield tooLong(at.child('message'), LONGEST_MESSAGE)
    }
    if (repeated.has(index)) yield duplicate(at.child('resourceID'), resourceID)
  }
}
