import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { Service } from './service.ts'
import { setServiceDefaults } from './service-defaults.ts'

const read = (spec: unknown, status: unknown = {}): Service =>
  setServiceDefaults(decodeObject(Service, { metadata: {}, spec, status }).value)

test('a cluster IP', () => {
  const service = read({ ports: [{ port: 80 }, { port: 81, targetPort: 'http' }] })
  assert.deepEqual(service.spec, {
    ports: [
      { port: 80, protocol: 'TCP', targetPort: 80 },
      { port: 81, targetPort: 'http', protocol: 'TCP' },
    ],
    internalTrafficPolicy: 'Cluster',
    sessionAffinity: 'None',
    type: 'ClusterIP',
  })
  assert.equal(setServiceDefaults(service), service)
})

test('a load balancer', () => {
  const service = read(
    { type: 'LoadBalancer', sessionAffinity: 'ClientIP' },
    { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'x' }] } },
  )
  assert.equal(service.spec.externalTrafficPolicy, 'Cluster')
  assert.equal(service.spec.allocateLoadBalancerNodePorts, true)
  assert.deepEqual(service.spec.sessionAffinityConfig, { clientIP: { timeoutSeconds: 10800 } })
  assert.deepEqual(service.status.loadBalancer.ingress, [
    { ip: '1.2.3.4', ipMode: 'VIP' },
    { hostname: 'x' },
  ])
})

test('without affinity its configuration goes; ExternalName has no traffic policies', () => {
  const config = { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }
  assert.equal(read(config).spec.sessionAffinityConfig, undefined)
  assert.ok(!Object.hasOwn(read(config).spec, 'sessionAffinityConfig'))
  const { spec } = read({ type: 'ExternalName', externalName: 'a.b' })
  assert.equal(spec.internalTrafficPolicy, undefined)
  assert.equal(spec.externalTrafficPolicy, undefined)
  assert.equal(read({ externalIPs: ['1.2.3.4'] }).spec.externalTrafficPolicy, 'Cluster')
})
