import { formatDuration } from '../../machinery/duration.ts'
import type { ServerRequest } from '../request.ts'
import { waitsOf } from '../waiting-times.ts'

/** What takes longer says in its last event what it waited for, as upstream's. */
const SLOW_MS = 500
const PREFIX = 'apiserver.latency.k8s.io/'

/** What the event of a request's end says of the time that it took; empty where that was short. */
export function latencyAnnotations(
  request: ServerRequest,
  tookMs: number,
): readonly (readonly [name: string, text: string])[] {
  if (tookMs <= SLOW_MS) return []
  const { queueMs = 0, mutatingMs = 0, validatingMs = 0 } = waitsOf(request) ?? {}
  const parts = [
    ['apf-queue-wait', queueMs],
    ['mutating-webhook', mutatingMs],
    ['validating-webhook', validatingMs],
    ['total', tookMs],
  ] as const
  return parts
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => [`${PREFIX}${name}`, formatDuration(ms)])
}
