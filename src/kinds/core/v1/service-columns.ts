import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn, labelsText } from '../../column-text.ts'
import type { Service } from './service.ts'

/** What `kubectl get services` shows. */
export const serviceColumns: readonly PrinterColumn<Service>[] = [
  { name: 'Type', type: 'string', of: ({ spec }) => spec.type },
  { name: 'Cluster-IP', type: 'string', of: ({ spec }) => spec.clusterIPs?.[0] ?? '<none>' },
  { name: 'External-IP', type: 'string', of: externalAddress },
  { name: 'Port(s)', type: 'string', of: portsText },
  ageColumn,
  { name: 'Selector', type: 'string', wide: true, of: ({ spec }) => labelsText(spec.selector) },
]

function externalAddress(service: Service): string {
  const { type, externalIPs = [], externalName } = service.spec
  switch (type) {
    case 'ClusterIP':
    case 'NodePort':
      return externalIPs.join(',') || '<none>'
    case 'LoadBalancer':
      return [...balancerAddresses(service), ...externalIPs].join(',') || '<pending>'
    case 'ExternalName':
      return externalName ?? ''
    default:
      return '<unknown>'
  }
}

function balancerAddresses({ status }: Service): readonly string[] {
  const { ingress = [] } = status.loadBalancer
  const addresses = ingress.map(({ ip, hostname }) => ip || hostname || '')
  return [...new Set(addresses)].filter((address) => address !== '').toSorted()
}

function portsText({ spec }: Service): string {
  const { ports = [] } = spec
  const texts = ports.map(({ port, nodePort = 0, protocol }) => {
    return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`
  })
  return texts.join(',') || '<none>'
}
