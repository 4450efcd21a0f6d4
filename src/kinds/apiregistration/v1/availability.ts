import type { APIService } from './api-service.ts'

/** Whether an API service answers, for the column: with the reason when it does not. */
export function availability({ status }: APIService): string {
  const available = status.conditions?.find(({ type }) => type === 'Available')
  if (available === undefined) return 'Unknown'
  if (available.status === 'True') return 'True'
  return `${available.status} (${available.reason ?? ''})`
}
