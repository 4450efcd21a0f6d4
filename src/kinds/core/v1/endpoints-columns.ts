import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn, firstOf } from '../../column-text.ts'
import type { Endpoints } from './endpoints.ts'

const SHOWN = 3

/** What `kubectl get endpoints` shows. */
export const endpointsColumns: readonly PrinterColumn<Endpoints>[] = [
  { name: 'Endpoints', type: 'string', of: addressesText },
  ageColumn,
]

function addressesText({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return '<none>'
  const texts = subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip)
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => hostAndPort(ip, port)))
  })
  return firstOf(texts, SHOWN, '')
}

function hostAndPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
