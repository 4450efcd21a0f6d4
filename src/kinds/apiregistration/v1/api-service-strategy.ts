import { formatTime } from '../../../base/clock.ts'
import type { WriteContext } from '../../../machinery/kind.ts'
import type { APIService } from './api-service.ts'

/** What the condition `Available` says of what this server serves itself. */
export const LOCAL = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
} as const

/** What is served here is available at once: nobody need find that out. */
export function prepareApiServiceForCreate(service: APIService, { now }: WriteContext): APIService {
  if (service.spec.service !== undefined) return service
  const local = { type: 'Available', ...LOCAL, lastTransitionTime: formatTime(now) }
  return { ...service, status: { conditions: [local] } }
}
