import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
  tooLong,
  tooMany,
} from '../../../machinery/field-error.ts'
import { dns1123SubdomainCaselessErrors, dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateMetaConditions } from '../../meta-conditions-validation.ts'
import type {
  PoolStatus,
  ResourcePoolStatusRequest,
  ResourcePoolStatusRequestStatus,
} from './resource-pool-status-request.ts'

type Request = ResourcePoolStatusRequest

const MOST_LIMIT = 1000
const MOST_POOLS = 1000
const MOST_CONDITIONS = 10
const MOST_ERROR_BYTES = 256
const LONGEST_POOL = 253
const COUNTS = [
  ...(['totalDevices', 'allocatedDevices', 'availableDevices'] as const),
  'unavailableDevices',
] as const

/** A request names a driver, and how many pools it wants to hear of. */
export function* validateRequest({ spec }: Request, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  yield* validateDriver(spec.driver, specPath.child('driver'))
  if (spec.poolName !== undefined) {
    yield* validatePoolName(spec.poolName, specPath.child('poolName'))
  }
  const { limit } = spec
  const limitPath = specPath.child('limit')
  if (limit > MOST_LIMIT) {
    yield invalid(limitPath, limit, `must be less than or equal to ${MOST_LIMIT}`)
  }
  yield* validateLeast(limit, 1, limitPath)
}

/** What was asked stays; upstream shows nothing of what was sent. */
export function* validateRequestUpdate(
  request: Request,
  old: Request,
  path: FieldPath,
): FieldErrors {
  if (deepEqual(request.spec, old.spec)) return
  yield invalid(path.child('spec'), null, 'field is immutable')
}

/** A request is answered once. */
export function* validateRequestStatusUpdate(
  { status }: Request,
  old: Request,
  path: FieldPath,
): FieldErrors {
  const statusPath = path.child('status')
  if (old.status !== undefined) yield* validateImmutable(status, old.status, statusPath)
  else if (status !== undefined) {
    yield* validateMetaConditions(status.conditions ?? [], statusPath.child('conditions'))
  }
  if (status === undefined || deepEqual(status, old.status)) return
  yield* validateStatus(status, statusPath)
}

function* validateStatus(
  { poolCount, pools = [], conditions = [] }: ResourcePoolStatusRequestStatus,
  path: FieldPath,
): FieldErrors {
  yield* validateLeast(poolCount, 0, path.child('poolCount'))
  const poolsPath = path.child('pools')
  if (pools.length > MOST_POOLS) yield tooMany(poolsPath, pools.length, MOST_POOLS)
  else {
    for (const [index, pool] of pools.entries()) yield* validatePool(pool, poolsPath.index(index))
  }
  const { length } = conditions
  if (length > MOST_CONDITIONS) yield tooMany(path.child('conditions'), length, MOST_CONDITIONS)
}

function* validatePool(pool: PoolStatus, path: FieldPath): FieldErrors {
  yield* validateDriver(pool.driver, path.child('driver'))
  if (pool.poolName === '') yield required(path.child('poolName'))
  else yield* validatePoolName(pool.poolName, path.child('poolName'))
  if (pool.generation === 0) yield required(path.child('generation'))
  else yield* validateLeast(pool.generation, 0, path.child('generation'))
  yield* validateLeast(pool.resourceSliceCount, 1, path.child('resourceSliceCount'))
  for (const name of COUNTS) yield* validateLeast(pool[name], 0, path.child(name))
  const { nodeName, validationError = '' } = pool
  if (nodeName !== undefined) {
    yield* invalids(path.child('nodeName'), nodeName, dns1123SubdomainErrors(nodeName))
  }
  if (Buffer.byteLength(validationError) > MOST_ERROR_BYTES) {
    yield tooLong(path.child('validationError'), MOST_ERROR_BYTES)
  }
}

/** Subdomains with slashes between them, each with its place. */
function* validatePoolName(name: string, path: FieldPath): FieldErrors {
  if (Buffer.byteLength(name) > LONGEST_POOL) yield tooLong(path, LONGEST_POOL)
  for (const [index, part] of name.split('/').entries()) {
    const segment = `segment ${index}`
    if (part === '') yield invalid(path, name, `${segment}: must not be empty`)
    else {
      const errors = dns1123SubdomainErrors(part).map((why) => `${segment}: ${why}`)
      yield* invalids(path, part, errors)
    }
  }
}

function* validateDriver(driver: string, path: FieldPath): FieldErrors {
  if (driver === '') yield required(path)
  else yield* invalids(path, driver, dns1123SubdomainCaselessErrors(driver))
}

function* validateLeast(
  value: number | bigint | undefined,
  least: number,
  path: FieldPath,
): FieldErrors {
  if (value === undefined || value >= least) return
  yield invalid(path, value, `must be greater than or equal to ${least}`)
}
