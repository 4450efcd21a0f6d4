import type { PrinterColumn } from '../../../machinery/kind.ts'
import { since } from '../../column-text.ts'
import type { PoolStatus, ResourcePoolStatusRequest } from './resource-pool-status-request.ts'

type Request = ResourcePoolStatusRequest

/** What `kubectl get resourcepoolstatusrequests` shows: the sums over all pools. */
export const resourcePoolStatusRequestColumns: readonly PrinterColumn<Request>[] = [
  { name: 'Driver', type: 'string', of: ({ spec }) => spec.driver },
  { name: 'Total', type: 'string', of: sumOf(({ totalDevices }) => totalDevices) },
  { name: 'Available', type: 'string', of: sumOf(({ availableDevices }) => availableDevices) },
  { name: 'Allocated', type: 'string', of: sumOf(({ allocatedDevices }) => allocatedDevices) },
  {
    name: 'Unavailable',
    type: 'string',
    of: sumOf(({ unavailableDevices }) => unavailableDevices),
  },
  {
    name: 'Errors',
    type: 'string',
    of: sumOf(({ validationError }) => (validationError === undefined ? 0 : 1)),
  },
  { name: 'Pools', type: 'integer', of: ({ status }) => status?.poolCount ?? 0 },
  { name: 'Status', type: 'string', of: stateOf },
  {
    name: 'Completed',
    type: 'string',
    of: (request, { now }) => {
      const complete = trueCondition(request, 'Complete')
      return complete === undefined ? '<none>' : since(complete.lastTransitionTime, now)
    },
  },
]

function trueCondition({ status }: Request, wanted: string) {
  return status?.conditions?.find((one) => one.type === wanted && one.status === 'True')
}

function sumOf(count: (pool: PoolStatus) => number | undefined): (request: Request) => string {
  return (request) => {
    if (request.status === undefined || stateOf(request) === 'Failed') return '-'
    const { pools = [] } = request.status
    return `${pools.reduce((sum, pool) => sum + (count(pool) ?? 0), 0)}`
  }
}

function stateOf(request: Request): string {
  const { pools = [], poolCount = 0 } = request.status ?? {}
  if (trueCondition(request, 'Complete') !== undefined) {
    return poolCount > pools.length ? `Complete (${pools.length}/${poolCount} pools)` : 'Complete'
  }
  return trueCondition(request, 'Failed') === undefined ? 'Pending' : 'Failed'
}
