import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn } from '../../column-text.ts'
import type { ResourceQuota } from './resource-quota.ts'

/** What `kubectl get resourcequotas` shows: what is used of each bound. */
export const resourceQuotaColumns: readonly PrinterColumn<ResourceQuota>[] = [
  { name: 'Request', type: 'string', of: (quota) => usage(quota, (name) => !isLimit(name)) },
  { name: 'Limit', type: 'string', of: (quota) => usage(quota, isLimit) },
  ageColumn,
]

function usage({ status }: ResourceQuota, isShown: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status
  return Object.entries(hard)
    .filter(([name]) => isShown(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bound]) => `${name}: ${used[name] ?? '0'}/${bound}`)
    .join(', ')
}

function isLimit(name: string): boolean {
  return name.startsWith('limits.')
}
