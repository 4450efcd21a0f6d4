import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
} from '../../../machinery/field-error.ts'
import { validateNonNegative, validateQualifiedName } from '../../core/v1/field-rules.ts'
import type { Lease } from './lease.ts'

const STRATEGIES = ['OldestEmulationVersion']

export function* validateLease({ spec }: Lease, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  const { leaseDurationSeconds: duration, leaseTransitions = 0, strategy } = spec
  if (duration !== undefined && duration <= 0) {
    yield invalid(specPath.child('leaseDurationSeconds'), duration, 'must be greater than 0')
  }
  yield* validateNonNegative(leaseTransitions, specPath.child('leaseTransitions'))
  if (strategy !== undefined) yield* validateStrategy(strategy, specPath.child('strategy'))
  if (spec.preferredHolder && !strategy) {
    const why = 'may only be specified if `strategy` is defined'
    yield forbidden(specPath.child('preferredHolder'), why)
  }
}

/** How the holder of a lease is chosen: known to Kubernetes, or with a domain in front. */
function* validateStrategy(strategy: string, path: FieldPath): FieldErrors {
  const strategyPath = path.child('strategy')
  if (strategy.includes('/')) yield* validateQualifiedName(strategy, strategyPath)
  else if (!STRATEGIES.includes(strategy)) {
    yield notSupported(strategyPath, strategy, STRATEGIES)
  }
}
