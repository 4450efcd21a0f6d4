import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { validateFlowConditions } from './flow-schema-validation.ts'
import { MANDATORY_LEVEL_SPECS } from './mandatory-specs.data.ts'
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from './priority-level-configuration.ts'

type Level = PriorityLevelConfiguration

const TYPES = ['Exempt', 'Limited']
const RESPONSES = ['Queue', 'Reject']
const MOST_QUEUES = 10_000_000
/** As many bits as the hash of a flow has, from which the hand of queues is dealt. */
const HASH_BITS = 60
const ZERO_SHARES = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'

/** How much a level may serve, lend and queue; `exempt` and `catch-all` are as shipped. */
export function* validatePriorityLevel(level: Level, path: FieldPath): FieldErrors {
  const { metadata, spec, status } = level
  if (metadata.annotations?.[ZERO_SHARES] !== undefined) {
    const why = `annotation '${ZERO_SHARES}' is forbidden`
    yield forbidden(path.child('metadata', 'annotations'), why)
  }
  const specPath = path.child('spec')
  yield* validateSpec(level, specPath)
  const { name } = metadata
  if (name === 'exempt') {
    const fixed = { ...MANDATORY_LEVEL_SPECS.exempt, exempt: spec.exempt }
    if (!deepEqual(spec, fixed)) {
      const why = `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`
      yield invalid(specPath, spec, why)
    }
  } else if (name === 'catch-all' && !deepEqual(spec, MANDATORY_LEVEL_SPECS[name])) {
    yield invalid(specPath, spec, `spec of '${name}' must equal the fixed value`)
  }
  yield* validateFlowConditions(status.conditions, path.child('status', 'conditions'))
}

export function validatePriorityLevelStatusUpdate(
  { status }: Level,
  _old: Level,
  path: FieldPath,
): FieldErrors {
  return validateFlowConditions(status.conditions, path.child('status', 'conditions'))
}

function* validateSpec({ metadata, spec }: Level, path: FieldPath): FieldErrors {
  const { type, limited, exempt } = spec
  if ((metadata.name === 'exempt') !== (type === 'Exempt')) {
    const why = "must be 'Exempt' if and only if `name` is 'exempt'"
    yield invalid(path.child('type'), type, why)
  }
  if (!TYPES.includes(type)) yield notSupported(path.child('type'), type, TYPES)
  const limitedPath = path.child('limited')
  const exemptPath = path.child('exempt')
  if (type === 'Exempt') {
    if (limited !== undefined) {
      yield forbidden(limitedPath, 'must be nil if the type is not Limited')
    }
    if (exempt === undefined) return
    yield* validateShares(exempt.nominalConcurrencyShares, exemptPath)
    yield* validateLendable(exempt.lendablePercent, exemptPath)
  } else if (type === 'Limited') {
    if (exempt !== undefined) yield forbidden(exemptPath, 'must be nil if the type is Limited')
    if (limited === undefined) {
      yield required(limitedPath, 'must not be empty when type is Limited')
    } else yield* validateLimited(limited, limitedPath)
  }
}

function* validateLimited(
  limited: LimitedPriorityLevelConfiguration,
  path: FieldPath,
): FieldErrors {
  yield* validateShares(limited.nominalConcurrencyShares, path)
  yield* validateResponse(limited.limitResponse, path.child('limitResponse'))
  yield* validateLendable(limited.lendablePercent, path)
  const { borrowingLimitPercent: borrowed = 0 } = limited
  if (borrowed < 0) {
    const why = 'if specified, must be a non-negative integer'
    yield invalid(path.child('borrowingLimitPercent'), borrowed, why)
  }
}

function* validateShares(shares: number, path: FieldPath): FieldErrors {
  if (shares >= 0) return
  yield invalid(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer')
}

function* validateLendable(percent: number, path: FieldPath): FieldErrors {
  if (percent >= 0 && percent <= 100) return
  yield invalid(path.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive')
}

function* validateResponse({ type, queuing }: LimitResponse, path: FieldPath): FieldErrors {
  const at = path.child('queuing')
  if (!RESPONSES.includes(type)) yield notSupported(path.child('type'), type, RESPONSES)
  if (type === 'Reject' && queuing !== undefined) {
    yield forbidden(at, 'must be nil if limited.limitResponse.type is not Limited')
  }
  if (type !== 'Queue') return
  if (queuing === undefined) {
    yield required(at, 'must not be empty if limited.limitResponse.type is Limited')
  } else yield* validateQueuing(queuing, at)
}

function* validateQueuing(queuing: QueuingConfiguration, path: FieldPath): FieldErrors {
  const { queueLengthLimit, queues, handSize } = queuing
  if (queueLengthLimit <= 0) {
    yield invalid(path.child('queueLengthLimit'), queueLengthLimit, 'must be positive')
  }
  if (queues <= 0) yield invalid(path.child('queues'), queues, 'must be positive')
  else if (queues > MOST_QUEUES) {
    yield invalid(path.child('queues'), queues, `must not be greater than ${MOST_QUEUES}`)
  }
  const handPath = path.child('handSize')
  const bits = Math.ceil(Math.log2(queues) * handSize)
  if (handSize <= 0) yield invalid(handPath, handSize, 'must be positive')
  else if (handSize > queues) {
    yield invalid(handPath, handSize, `should not be greater than queues (${queues})`)
  } else if (bits > HASH_BITS) {
    const what = `required entropy bits of deckSize ${queues} and handSize ${handSize}`
    yield invalid(handPath, handSize, `${what} should not be greater than ${HASH_BITS}`)
  }
}
