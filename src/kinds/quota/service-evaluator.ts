import type { KubeObject } from '../../machinery/kind.ts'
import { quantityOf } from '../../machinery/quantity.ts'
import { Service } from '../core/v1/service.ts'
import { countNameOf, ONE, type QuotaEvaluator } from './evaluator.ts'

const NAMES = [countNameOf(Service), 'services', 'services.nodeports', 'services.loadbalancers']

/** Services, their node ports as they will be allocated, and load balancers. */
export const serviceEvaluator: QuotaEvaluator = {
  kind: Service,
  covers: (resource) => NAMES.includes(resource),
  usageOf(object: KubeObject) {
    const { type } = (object as Service).spec
    return new Map([
      [countNameOf(Service), ONE],
      ['services', ONE],
      ['services.loadbalancers', quantityOf(type === 'LoadBalancer' ? 1 : 0)],
      ['services.nodeports', quantityOf(nodePortsOf(object as Service))],
    ])
  },
  isInScope: () => false,
  handles: ({ operation, subresource }) =>
    subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  frees: (object, old) => countedTypeOf(object as Service) !== countedTypeOf(old as Service),
}

function nodePortsOf({ spec }: Service): number {
  const { type, ports = [], allocateLoadBalancerNodePorts } = spec
  if (type === 'NodePort') return ports.length
  if (type !== 'LoadBalancer') return 0
  if (allocateLoadBalancerNodePorts !== false) return ports.length
  return ports.filter(({ nodePort = 0 }) => nodePort !== 0).length
}

function countedTypeOf({ spec: { type } }: Service): string {
  return type === 'NodePort' || type === 'LoadBalancer' ? type : ''
}
