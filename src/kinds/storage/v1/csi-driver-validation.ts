import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
} from '../../../machinery/field-error.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import type { CSIDriver, TokenRequest } from './csi-driver.ts'

const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType']
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral']
const LEAST_TOKEN_SECONDS = 600
const MOST_TOKEN_SECONDS = 2 ** 32
const LEAST_PERIOD_SECONDS = 10

/** What a driver asks for can be given. */
export function* validateCsiDriver({ spec }: CSIDriver, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes } = spec
  if (!GROUP_POLICIES.includes(fsGroupPolicy)) {
    yield notSupported(specPath.child('fsGroupPolicy'), fsGroupPolicy, GROUP_POLICIES)
  }
  yield* validateTokens(tokenRequests, specPath.child('tokenRequests'))
  for (const mode of volumeLifecycleModes) {
    if (LIFECYCLE_MODES.includes(mode)) continue
    yield notSupported(specPath.child('volumeLifecycleModes'), mode, LIFECYCLE_MODES)
  }
  const { nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets: inSecrets } =
    spec
  if (period !== undefined && Number(period) < LEAST_PERIOD_SECONDS) {
    const why = `must be greater than or equal to ${LEAST_PERIOD_SECONDS} seconds`
    yield invalid(specPath.child('nodeAllocatableUpdatePeriodSeconds'), period, why)
  }
  if (inSecrets !== undefined && tokenRequests.length === 0) {
    const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    yield invalid(specPath.child('serviceAccountTokenInSecrets'), inSecrets, why)
  }
}

/** Volumes depend on whether the driver attaches them, and on their lives. */
export function* validateCsiDriverUpdate(
  driver: CSIDriver,
  old: CSIDriver,
  path: FieldPath,
): FieldErrors {
  yield* validateCsiDriver(driver, path)
  const { attachRequired, volumeLifecycleModes: modes } = driver.spec
  // Upstream spells the field so.
  const attachPath = path.child('spec', 'attachedRequired')
  yield* validateImmutable(attachRequired, old.spec.attachRequired, attachPath)
  const modesPath = path.child('spec', 'volumeLifecycleModes')
  yield* validateImmutable(modes, old.spec.volumeLifecycleModes, modesPath)
}

function* validateTokens(requests: readonly TokenRequest[], path: FieldPath): FieldErrors {
  const audiences = requests.map(({ audience }) => audience)
  const repeated = repeatedPlaces(audiences)
  for (const [index, { audience, expirationSeconds }] of requests.entries()) {
    const at = path.index(index)
    if (repeated.has(index)) {
      yield duplicate(at.child('audience'), audience)
      continue
    }
    if (expirationSeconds === undefined) continue
    const seconds = Number(expirationSeconds)
    const secondsPath = at.child('expirationSeconds')
    if (seconds < LEAST_TOKEN_SECONDS) {
      const why = 'may not specify a duration less than 10 minutes'
      yield invalid(secondsPath, expirationSeconds, why)
    }
    if (seconds > MOST_TOKEN_SECONDS) {
      const why = 'may not specify a duration larger than 2^32 seconds'
      yield invalid(secondsPath, expirationSeconds, why)
    }
  }
}
