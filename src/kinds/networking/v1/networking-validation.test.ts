import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { Ingress } from './ingress.ts'
import { IngressClass } from './ingress-class.ts'
import { NetworkPolicy } from './network-policy.ts'

type Fields = Readonly<Record<string, unknown>>

const read = <T extends KubeObject>(kind: Kind<T>, object: Fields): T => {
  const metadata = { name: 'a', namespace: 'b' }
  const decoded = decodeObject(kind, { metadata, ...object }).value
  return kind.setDefaults?.(decoded) ?? decoded
}
const create = <T extends KubeObject>(kind: Kind<T>, object: Fields) =>
  [...(kind.validate?.(read(kind, object), FieldPath.root) ?? [])].map(formatFieldError)
const update = <T extends KubeObject>(kind: Kind<T>, object: Fields, old: Fields) =>
  [...(kind.validateUpdate?.(read(kind, object), read(kind, old), FieldPath.root) ?? [])].map(
    formatFieldError,
  )

const backend = { service: { name: 's', port: { number: 80 } } }
const rule = (path: Fields = {}, host = 'example.com') => ({
  rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...path }] } }],
})
const ingress = (spec: Fields, rest: Fields = {}) => create(Ingress, { spec, ...rest })

test('good ingresses', () => {
  assert.deepEqual(ingress(rule()), [])
  assert.deepEqual(ingress(rule({}, '*.example.com')), [])
  assert.deepEqual(ingress({ defaultBackend: backend }), [])
  assert.deepEqual(ingress(rule({ path: undefined, pathType: 'ImplementationSpecific' })), [])
  const resource = { apiGroup: 'acme.io', kind: 'Bucket', name: 'x' }
  assert.deepEqual(ingress(rule({ backend: { resource } })), [])
})

test('what is wrong with an ingress', () => {
  const path = 'spec.rules[0].http.paths[0]'
  const cases: [Fields, string[]][] = [
    [{}, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
    [rule({ path: 'x' }), [`${path}.path: Invalid value: "x": must be an absolute path`]],
    [rule({ path: '/a//b' }), [`${path}.path: Invalid value: "/a//b": must not contain '//'`]],
    [rule({ path: '/a/..' }), [`${path}.path: Invalid value: "/a/..": cannot end with '/..'`]],
    [
      rule({ pathType: undefined }),
      [`${path}.pathType: Required value: pathType must be specified`],
    ],
    [
      rule({ pathType: 'Regex' }),
      [
        `${path}.pathType: Unsupported value: "Regex": supported values: "Exact", ` +
          '"ImplementationSpecific", "Prefix"',
      ],
    ],
    [
      rule({ backend: {} }),
      [`${path}.backend: Invalid value: "": resource or service backend is required`],
    ],
    [
      rule({ backend: { service: { name: 's' } } }),
      [`${path}.backend: Required value: port name or number is required`],
    ],
    [
      rule({ backend: { service: { name: '', port: { number: 1, name: 'a' } } } }),
      [
        `${path}.backend.service.name: Required value`,
        `${path}.backend: Invalid value: "": cannot set both port name & port number`,
      ],
    ],
    [{ rules: [{ host: 'a', http: { paths: [] } }] }, ['spec.rules[0].http.paths: Required value']],
  ]
  for (const [spec, expected] of cases) assert.deepEqual(ingress(spec), expected)
  assert.equal(
    ingress(rule({}, '1.2.3.4'))[0],
    'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  )
  assert.match(ingress(rule({}, 'a.*.b'))[0] ?? '', /^spec.rules\[0\].host: .*wildcard DNS-1123/)
  const annotations = { 'kubernetes.io/ingress.class': 'x' }
  const metadata = { name: 'a', namespace: 'b', annotations }
  const classy = { metadata, spec: { ...rule(), ingressClassName: 'y' } }
  assert.deepEqual(create(Ingress, classy), [
    'annotations.kubernetes.io/ingress.class: Invalid value: "x": must match `ingressClassName` ' +
      'when both are specified',
  ])
  assert.deepEqual(update(Ingress, classy, classy), [])
})

test('ingress classes', () => {
  const errors = (spec: Fields) => create(IngressClass, { spec })
  const parameters = { kind: 'K', name: 'n' }
  assert.deepEqual(errors({ controller: 'acme.io/x', parameters }), [])
  assert.deepEqual(errors({ controller: 'x', parameters: { ...parameters, namespace: 'd' } }), [
    'spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
    "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
  ])
  assert.deepEqual(
    update(IngressClass, { spec: { controller: 'a.b/c' } }, { spec: { controller: 'a.b/d' } }),
    ['spec.controller: Invalid value: "a.b/c": field is immutable'],
  )
  const [taken] = update(IngressClass, { spec: {} }, { spec: { controller: 'a.b/d' } })
  assert.equal(taken, 'spec.controller: Invalid value: "": field is immutable')
})

test('network policies', () => {
  const policy = (rule: Fields) => create(NetworkPolicy, { spec: { ingress: [rule] } })
  const path = 'spec.ingress[0]'
  const block = (cidr: string, ...except: string[]) => ({ from: [{ ipBlock: { cidr, except } }] })
  assert.deepEqual(policy({ ports: [{ port: 80, endPort: 90 }], from: [{ podSelector: {} }] }), [])
  assert.deepEqual(policy(block('10.0.0.0/8', '10.1.0.0/16')), [])
  assert.deepEqual(policy({ from: [{}] }), [`${path}.from[0]: Required value: must specify a peer`])
  assert.deepEqual(
    policy({
      ports: [
        { port: 80, endPort: 70 },
        { port: 'x', endPort: 1 },
      ],
    }),
    [
      `${path}.ports[0].endPort: Invalid value: 80: must be greater than or equal to \`port\``,
      `${path}.ports[1].endPort: Invalid value: 1: may not be specified when \`port\` is ` +
        'non-numeric',
    ],
  )
  assert.deepEqual(policy(block('10.0.0.0/8', '11.0.0.0/16')), [
    `${path}.from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset ` +
      'of `cidr`',
  ])
  assert.equal(policy(block('nowhere')).length, 1)
  const spec = (cidr: string) => ({ spec: { ingress: [block(cidr)] } })
  assert.deepEqual(update(NetworkPolicy, spec('010.0.0.0/8'), spec('010.0.0.0/8')), [])
  assert.equal(update(NetworkPolicy, spec('010.0.0.0/8'), spec('10.0.0.0/8')).length, 1)
})
