import { isProofBy } from '../apiserver/authentication/request-header.ts'
import { AccessMetrics } from '../apiserver/endpoints/access-metrics.ts'
import type { ServerMetrics } from '../apiserver/endpoints/server-metrics.ts'
import { crossOrigin } from '../apiserver/filters/cross-origin.ts'
import { requestFilters } from '../apiserver/filters/filters.ts'
import { strictTransportSecurity } from '../apiserver/filters/strict-transport-security.ts'
import { takeTurns } from '../apiserver/filters/take-turns.ts'
import type { FlowControl } from '../apiserver/flow-control/flow-control.ts'
import { workFactsOf } from '../apiserver/flow-control/work-facts.ts'
import type { Filter } from '../apiserver/handler.ts'
import type { ResourceTable } from '../apiserver/registry/resource-table.ts'
import type { ServerAccess } from './access/server-access.ts'
import { auditOptions } from './audit-options.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'

/** What the filters ask of the rest of the server. */
interface FilterParts {
  readonly access: ServerAccess
  readonly metrics: ServerMetrics
  readonly flowControl: FlowControl
  readonly resources: ResourceTable
}

/** A request's way to its verb, as the options say. */
export function serverFilters(options: ControlPlaneOptions, parts: FilterParts): readonly Filter[] {
  const { clock, random, logger, access = {}, serving } = options
  const { authenticators, authorizer } = parts.access
  const { metrics, flowControl } = parts
  const ports = { clock, random, logger }
  return requestFilters({
    ...{ logger, authenticators, authorizer },
    accessObserver: new AccessMetrics(metrics.registry, clock),
    mayBeAnonymous: access.mayBeAnonymous,
    isProof: access.frontProxy && isProofBy(access.frontProxy.names),
    inFlight: metrics.inFlight,
    tracer: options.tracer,
    audit: options.audit && auditOptions(options.audit, ports, metrics.registry),
    priorityAndFairness: { flowControl, facts: workFactsOf(parts.resources), clock },
    turns: takeTurns(),
    outermost: [
      metrics.filter,
      ...strictTransportSecurity(serving?.strictTransportSecurityDirectives),
      ...crossOrigin(serving?.corsAllowedOrigins),
    ],
  })
}
