import type { Tracer } from '../../base/tracing/tracer.ts'
import { type AuditOptions, audit, auditFailedAuthentication } from '../audit/audit-filter.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import {
  type PriorityAndFairnessOptions,
  priorityAndFairness,
} from '../flow-control/priority-and-fairness.ts'
import type { Filter } from '../handler.ts'
import { traceRequests } from '../tracing/trace-requests.ts'
import { type AuthenticateOptions, authenticate } from './authenticate.ts'
import { authorize } from './authorize.ts'
import { impersonate } from './impersonate.ts'
import { type InFlightCounts, maxInFlight } from './max-in-flight.ts'
import { panicGuard } from './panic-guard.ts'

export interface FilterOptions extends AuthenticateOptions {
  readonly authorizer: Authorizer
  readonly inFlight: InFlightCounts
  /** Limits the number of requests under way when absent. */
  readonly priorityAndFairness?: Omit<PriorityAndFairnessOptions, 'inFlight'> | undefined
  /** Nothing is traced when absent. */
  readonly tracer?: Tracer | undefined
  /** Nothing is audited when absent. */
  readonly audit?: AuditOptions | undefined
  /**
   * Says when requests that have got their seats begin: while they wait for each other, no more of
   * a flow do than it has seats. All begin at once when absent.
   */
  readonly turns?: Filter | undefined
  /** Outside all others, such as those that count requests. */
  readonly outermost?: readonly Filter[]
}

/** A request's way to its verb: every filter in its order, the first one outermost. */
export function requestFilters(options: FilterOptions): readonly Filter[] {
  const { logger, authorizer, inFlight, outermost = [] } = options
  const { audit: auditing, priorityAndFairness: fairness, tracer, turns } = options
  return [
    ...outermost,
    panicGuard(logger),
    ...(auditing === undefined ? [] : [auditFailedAuthentication(auditing)]),
    authenticate(options),
    ...(tracer === undefined ? [] : [traceRequests(tracer)]),
    ...(auditing === undefined ? [] : [audit(auditing)]),
    impersonate(authorizer, options.accessObserver),
    fairness === undefined ? maxInFlight(inFlight) : priorityAndFairness({ ...fairness, inFlight }),
    ...(turns === undefined ? [] : [turns]),
    authorize(authorizer, options.accessObserver),
  ]
}
