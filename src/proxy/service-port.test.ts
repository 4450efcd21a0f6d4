import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Service } from '../kinds/core/v1/service.ts'
import type { EndpointSlice } from '../kinds/discovery/v1/endpoint-slice.ts'
import { servicePortsOf } from './service-port.ts'

const NODE = 'node-1'

function service(spec: object, status: object = {}): Service {
  const metadata = { name: 'web', namespace: 'default' }
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' }]
  return {
    metadata,
    spec: { clusterIP: '10.96.0.7', ports, ...spec },
    status,
  } as unknown as Service
}

function slice(endpoints: readonly object[], more: object = {}): EndpointSlice {
  const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }]
  return { addressType: 'IPv4', endpoints, ports, ...more } as unknown as EndpointSlice
}

const READY = { addresses: ['10.244.0.2'], nodeName: NODE, conditions: { ready: true } }
const ELSEWHERE = { addresses: ['10.244.1.2'], nodeName: 'node-2', conditions: { ready: true } }
const ENDING = {
  addresses: ['10.244.0.3'],
  nodeName: NODE,
  conditions: { ready: false, serving: true, terminating: true },
}
const UNREADY = { addresses: ['10.244.0.4'], nodeName: NODE, conditions: { ready: false } }

function endpoints(spec: object, slices: readonly EndpointSlice[]) {
  const [port] = servicePortsOf(service(spec), slices, NODE, 'ip')
  const addresses = (list: readonly { address: string }[] = []) => list.map((one) => one.address)
  return { internal: addresses(port?.internal), external: addresses(port?.external) }
}

test('only ready endpoints are used', () => {
  const { internal } = endpoints({}, [slice([READY, UNREADY, ENDING])])
  assert.deepEqual(internal, ['10.244.0.2'])
})

test('where none is ready, those that end but still serve are used', () => {
  const { internal } = endpoints({}, [slice([UNREADY, ENDING])])
  assert.deepEqual(internal, ['10.244.0.3'])
})

test('an endpoint without conditions is ready', () => {
  const { internal } = endpoints({}, [slice([{ addresses: ['10.244.0.9'], conditions: {} }])])
  assert.deepEqual(internal, ['10.244.0.9'])
})

test('policy Local keeps to the endpoints of this node, for each direction by itself', () => {
  const slices = [slice([READY, ELSEWHERE])]
  assert.deepEqual(endpoints({ externalTrafficPolicy: 'Local' }, slices), {
    internal: ['10.244.0.2', '10.244.1.2'],
    external: ['10.244.0.2'],
  })
  assert.deepEqual(endpoints({ internalTrafficPolicy: 'Local' }, slices), {
    internal: ['10.244.0.2'],
    external: ['10.244.0.2', '10.244.1.2'],
  })
})

test('an endpoint that stands in two slices counts once, and as ready if one says so', () => {
  const unready = { ...READY, conditions: { ready: false } }
  const { internal } = endpoints({}, [slice([READY]), slice([unready])])
  assert.deepEqual(internal, ['10.244.0.2'])
})

test('slices of the other family, and ports of other names, do not count', () => {
  const v6 = slice([{ addresses: ['fd00::2'] }], { addressType: 'IPv6' })
  const other = slice([READY], { ports: [{ name: 'metrics', port: 1, protocol: 'TCP' }] })
  assert.deepEqual(endpoints({}, [v6, other]).internal, [])
})

test('headless services and ExternalNames need no rules', () => {
  assert.deepEqual(servicePortsOf(service({ clusterIP: 'None' }), [], NODE, 'ip'), [])
  assert.deepEqual(servicePortsOf(service({ type: 'ExternalName' }), [], NODE, 'ip'), [])
})

test('addresses of load balancers that act as proxies are left alone', () => {
  const status = {
    loadBalancer: {
      ingress: [
        { ip: '192.0.2.2', ipMode: 'VIP' },
        { ip: '192.0.2.3', ipMode: 'Proxy' },
      ],
    },
  }
  const [port] = servicePortsOf(service({ nodePort: 0 }, status), [], NODE, 'ip')
  assert.deepEqual(port?.loadBalancerIPs, ['192.0.2.2'])
  assert.equal(port?.nodePort, undefined)
})
