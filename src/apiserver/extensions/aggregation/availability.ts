import { formatTime } from '../../../base/clock.ts'
import type {
  APIService,
  APIServiceCondition,
} from '../../../kinds/apiregistration/v1/api-service.ts'
import type { Service } from '../../../kinds/core/v1/service.ts'
import type { EndpointSlice } from '../../../kinds/discovery/v1/endpoint-slice.ts'

/** Whether an APIService answers, and why it does not: the condition `Available` without its time. */
export type Verdict = Omit<APIServiceCondition, 'type' | 'lastTransitionTime'>

/** Of what another server has just answered for. */
export const PASSED: Verdict = { status: 'True', reason: 'Passed', message: 'all checks passed' }

/** Of what another server did not answer for. */
export function failedDiscovery(message: string): Verdict {
  return { status: 'False', reason: 'FailedDiscoveryCheck', message }
}

/**
 * What is wrong with a remote APIService as far as the objects tell, by upstream's checks in their
 * order; undefined where it is worth asking the server itself.
 */
export function judgeByObjects(
  { spec }: APIService,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Verdict | undefined {
  const { namespace = '', name = '', port = 443 } = spec.service ?? {}
  const what = `service/${name} in "${namespace}"`
  const missing = (reason: string, message: string): Verdict => ({
    status: 'False',
    ...{ reason, message },
  })
  if (service === undefined) return missing('ServiceNotFound', `${what} is not present`)
  if ((service.spec.type ?? 'ClusterIP') !== 'ClusterIP') return undefined
  const found = service.spec.ports?.find((one) => one.port === port)
  if (found === undefined) {
    return missing('ServicePortError', `${what} is not listening on port ${port}`)
  }
  if (slices.length === 0) {
    return missing('EndpointsNotFound', `cannot find endpointslices for ${what}`)
  }
  const portName = found.name ?? ''
  if (!slices.some((slice) => hasReadyEndpoint(slice, portName))) {
    const message = `endpointslices for ${what} have no addresses with port name "${portName}"`
    return missing('MissingEndpoints', message)
  }
  return undefined
}

function hasReadyEndpoint({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const isReady = endpoints?.some(({ conditions }) => conditions.ready !== false) === true
  return isReady && (ports ?? []).some(({ name, port }) => name === portName && port !== undefined)
}

/** The object with the verdict in its status; itself where that says so already. */
export function withVerdict(apiService: APIService, verdict: Verdict, now: number): APIService {
  const { conditions = [] } = apiService.status
  const known = conditions.find(({ type }) => type === 'Available')
  const { status, reason, message } = verdict
  if (known?.status === status && known.reason === reason && known.message === message) {
    return apiService
  }
  const isTransition = known?.status !== status
  const condition: APIServiceCondition = {
    ...verdict,
    type: 'Available',
    lastTransitionTime:
      isTransition || known.lastTransitionTime === undefined
        ? formatTime(now)
        : known.lastTransitionTime,
  }
  const others = conditions.filter(({ type }) => type !== 'Available')
  return { ...apiService, status: { ...apiService.status, conditions: [...others, condition] } }
}
