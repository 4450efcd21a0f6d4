import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn } from '../../column-text.ts'
import type { Ingress } from './ingress.ts'

const SHOWN_HOSTS = 3

/** What `kubectl get ingresses` shows. */
export const ingressColumns: readonly PrinterColumn<Ingress>[] = [
  { name: 'Class', type: 'string', of: ({ spec }) => spec.ingressClassName ?? '<none>' },
  { name: 'Hosts', type: 'string', of: hostsText },
  { name: 'Address', type: 'string', of: addressesText },
  { name: 'Ports', type: 'string', of: ({ spec }) => (spec.tls?.length ? '80, 443' : '80') },
  ageColumn,
]

function hostsText({ spec }: Ingress): string {
  const { rules = [] } = spec
  const hosts = rules.map(({ host = '' }) => host).filter((host) => host !== '')
  if (hosts.length === 0) return '*'
  const shown = hosts.slice(0, SHOWN_HOSTS).join(',')
  return hosts.length > SHOWN_HOSTS ? `${shown} + ${rules.length - SHOWN_HOSTS} more...` : shown
}

function addressesText({ status }: Ingress): string {
  const addresses = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip || hostname)
  return [...new Set(addresses)].filter(Boolean).toSorted().join(',')
}
