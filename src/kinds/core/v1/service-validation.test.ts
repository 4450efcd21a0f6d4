import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { Service } from './service.ts'
import { setServiceDefaults } from './service-defaults.ts'
import {
  validateService,
  validateServiceStatusUpdate,
  validateServiceUpdate,
} from './service-update-validation.ts'

type Fields = Record<string, unknown>
const port = { port: 80 }
const ip = (address: string, ...others: string[]) => ({
  clusterIP: address,
  clusterIPs: [address, ...others],
})
function read(spec: Fields, status: Fields = {}): Service {
  const whole = { ports: [port], ...spec }
  return setServiceDefaults(
    decodeObject(Service, { metadata: { name: 'a' }, spec: whole, status }).value,
  )
}
const create = (spec: Fields) =>
  [...validateService(read(spec), FieldPath.root)].map(formatFieldError)
const update = (spec: Fields, old: Fields) =>
  [...validateServiceUpdate(read(spec), read(old), FieldPath.root)].map(formatFieldError)
const report = (status: Fields, spec: Fields) =>
  [...validateServiceStatusUpdate(read(spec, status), read(spec), FieldPath.root)].map(
    formatFieldError,
  )

test('good services', () => {
  for (const spec of [
    ip('10.0.0.1'),
    { ...ip('None'), ports: [] },
    { type: 'ExternalName', externalName: 'a.b.', ports: [] },
    { ...ip('10.0.0.1', 'fd00::1'), type: 'LoadBalancer', ipFamilies: ['IPv4', 'IPv6'] },
    { ...ip('10.0.0.1'), type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] },
    {
      ...ip('10.0.0.1'),
      ports: [
        { port: 53, name: 'a' },
        { port: 53, name: 'b', protocol: 'UDP' },
      ],
    },
    { ...ip('10.0.0.1'), trafficDistribution: 'PreferSameZone', sessionAffinity: 'ClientIP' },
  ]) {
    assert.deepEqual(create(spec), [], JSON.stringify(spec))
    assert.deepEqual(update(spec, spec), [])
  }
})

test('ports', () => {
  const ports = (...list: Fields[]) => create({ ...ip('10.0.0.1'), ports: list })
  assert.deepEqual(ports(), ['spec.ports: Required value'])
  assert.deepEqual(ports(port, port), [
    'spec.ports[0].name: Required value',
    'spec.ports[1].name: Required value',
    'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}',
  ])
  assert.deepEqual(ports({ port: 0, targetPort: 1, protocol: 'X' }), [
    'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'spec.ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
  ])
  assert.deepEqual(
    ports({ port: 1, targetPort: 'A' })[0],
    'spec.ports[0].targetPort: Invalid ' +
      'value: "A": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  )
  assert.deepEqual(ports({ port: 1, nodePort: 30000 }), [
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ])
  const both = [
    { port: 1, name: 'a', nodePort: 30000 },
    { port: 2, name: 'b', nodePort: 30000 },
  ]
  assert.deepEqual(create({ ...ip('10.0.0.1'), type: 'NodePort', ports: both }), [
    'spec.ports[1].nodePort: Duplicate value: 30000',
  ])
})

test('types and traffic', () => {
  assert.deepEqual(create({ ...ip('None'), type: 'NodePort' }), [
    'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  ])
  assert.deepEqual(create({ type: 'ExternalName' }), ['spec.externalName: Required value'])
  assert.deepEqual(
    create({ type: 'X' })[0],
    'spec.type: Unsupported value: "X": supported ' +
      'values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  )
  assert.deepEqual(create({ externalTrafficPolicy: 'Local' }), [
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for ' +
      'externally-accessible services',
  ])
  assert.deepEqual(create({ internalTrafficPolicy: '' }), [
    'spec.internalTrafficPolicy: Unsupported value: "": supported values: "Cluster", "Local"',
  ])
  assert.deepEqual(create({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }), [
    'spec.healthCheckNodePort: Required value',
  ])
  assert.deepEqual(create({ loadBalancerSourceRanges: ['10.0.0.1/8'], loadBalancerClass: 'a/b' }), [
    "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": must not have bits set ' +
      'beyond the prefix length',
    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ])
  assert.deepEqual(create({ externalIPs: ['127.0.0.1', 'x', '0.0.0.0'] }), [
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range ' +
      '(127.0.0.0/8, ::1/128)',
    'spec.externalIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or ' +
      '2001:db8::ffff)',
    'spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
  ])
  const config = { clientIP: { timeoutSeconds: 86_401 } }
  assert.deepEqual(create({ sessionAffinity: 'ClientIP', sessionAffinityConfig: config }), [
    'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater ' +
      'than 0 and less than 86400',
  ])
})

test('addresses', () => {
  assert.deepEqual(create({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] }), [
    'spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`',
  ])
  assert.deepEqual(create(ip('10.0.0.1', '10.0.0.2')), [
    'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP ' +
      'for each IP family',
  ])
  assert.deepEqual(create({ ...ip('10.0.0.1'), ipFamilies: ['IPv6'] }), [
    'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by ' +
      '`ipFamilies[0]`',
  ])
})

test('what may not change', () => {
  assert.deepEqual(update(ip('10.0.0.2'), ip('10.0.0.1')), [
    'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
  ])
  const classOfNone =
    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"
  assert.deepEqual(update({ loadBalancerClass: 'a/b' }, {}), [classOfNone, classOfNone])
  assert.deepEqual(update({}, ip('10.0.0.1')), [
    'spec.clusterIPs[0]: Invalid value: []: primary clusterIP can not be unset',
  ])
  assert.deepEqual(update(ip('10.0.0.1'), ip('10.0.0.1', 'fd00::1')), [
    "spec.ipFamilyPolicy: Invalid value: null: must be set to 'SingleStack' when releasing the " +
      'secondary clusterIP',
  ])
  const external = { type: 'ExternalName', externalName: 'a.b', ports: [] }
  assert.deepEqual(update(external, ip('10.0.0.1')), [])
})

test('the status of a load balancer', () => {
  const status = (...ingress: Fields[]) => ({ loadBalancer: { ingress } })
  const spec = { ...ip('10.0.0.1'), type: 'LoadBalancer' }
  assert.deepEqual(report(status({ ip: '1.2.3.4' }), spec), [])
  assert.deepEqual(report(status({ ip: '1.2.3.4' }), ip('10.0.0.1')), [
    "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
  ])
  assert.deepEqual(report(status({ ip: 'x', ipMode: 'Y' }, { hostname: '1.2.3.4' }), spec), [
    'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. ' +
      '10.9.8.7 or 2001:db8::ffff)',
    'status.loadBalancer.ingress[0].ipMode: Unsupported value: "Y": supported values: "Proxy", ' +
      '"VIP"',
    'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, ' +
      'not an IP address',
  ])
})
