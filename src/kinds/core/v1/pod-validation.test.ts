import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { collected, FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { Pod } from './pod.ts'
import { setPodDefaults } from './pod-defaults.ts'
import { validatePodUpdate } from './pod-update-validation.ts'
import { validatePod } from './pod-validation.ts'

type Fields = Record<string, unknown>
const container = (fields: Fields = {}) => ({ name: 'c', image: 'redis:7', ...fields })
const read = (spec: Fields, rest: Fields = {}): Pod => {
  const whole = { containers: [container()], ...spec }
  const object = { metadata: { name: 'pod', namespace: 'default' }, spec: whole, ...rest }
  return setPodDefaults(decodeObject(Pod, object).value)
}
const errors = (spec: Fields, rest: Fields = {}) =>
  collected(validatePod, read(spec, rest), FieldPath.root).map(formatFieldError)
const inContainer = (fields: Fields) => errors({ containers: [container(fields)] })
const update = (spec: Fields, old: Fields) =>
  collected(validatePodUpdate, read(spec), read(old), FieldPath.root).map(formatFieldError)

const C = 'spec.containers[0]'

test('good pods', () => {
  assert.deepEqual(errors({}), [])
  const probe = { httpGet: { port: 'http', path: '/' } }
  assert.deepEqual(
    errors({
      containers: [
        container({
          ports: [{ containerPort: 80, name: 'http' }],
          env: [
            { name: 'A', value: 'b' },
            { name: 'N', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
            {
              name: 'L',
              valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } },
            },
          ],
          envFrom: [{ configMapRef: { name: 'x' } }],
          resources: { limits: { cpu: '1', 'example.com/gpu': '1' } },
          volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'a/b' }],
          livenessProbe: probe,
          readinessProbe: probe,
          securityContext: { runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        }),
      ],
      initContainers: [container({ name: 'i', restartPolicy: 'Always', startupProbe: probe })],
      volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'x' } }] } }],
      tolerations: [{ operator: 'Exists' }, { key: 'a', value: 'b', effect: 'NoSchedule' }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
            ],
          },
        },
      },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
      ],
    }),
    [],
  )
})

test('containers', () => {
  assert.deepEqual(errors({ containers: [] }), ['spec.containers: Required value'])
  assert.deepEqual(errors({ containers: [{}] }), [
    `${C}.name: Required value`,
    `${C}.image: Required value`,
  ])
  assert.match(
    errors({ containers: [container({ name: 'A_B' })] })[0] ?? '',
    /^spec.containers\[0\].name: Invalid value: "A_B": a lowercase RFC 1123 label/,
  )
  assert.deepEqual(errors({ containers: [container(), container()] }), [
    'spec.containers[1].name: Duplicate value: "c"',
  ])
  assert.deepEqual(errors({ initContainers: [container()] }), [
    'spec.initContainers[0].name: Duplicate value: "c"',
  ])
  assert.deepEqual(inContainer({ image: ' a ' }), [
    `${C}.image: Invalid value: " a ": must not have leading or trailing whitespace`,
  ])
  assert.deepEqual(inContainer({ imagePullPolicy: 'Sometimes' }), [
    `${C}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", ` +
      '"IfNotPresent", "Never"',
  ])
  assert.deepEqual(
    errors({
      initContainers: [container({ name: 'i', livenessProbe: { exec: { command: ['a'] } } })],
    }),
    [
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers ' +
        'without restartPolicy=Always',
    ],
  )
})

test('ports', () => {
  assert.deepEqual(
    inContainer({ ports: [{}, { containerPort: 70000 }, { containerPort: 1, protocol: 'X' }] }),
    [
      `${C}.ports[0].containerPort: Required value`,
      `${C}.ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`,
      `${C}.ports[2].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"`,
    ],
  )
  const port = { containerPort: 80, hostPort: 8080, name: 'http' }
  assert.deepEqual(inContainer({ ports: [port, { ...port, containerPort: 81 }] }), [
    `${C}.ports[1].name: Duplicate value: "http"`,
    `${C}.ports[1].hostPort: Duplicate value: "TCP//8080"`,
  ])
  assert.deepEqual(errors({ hostNetwork: true, containers: [container({ ports: [port] })] }), [
    `${C}.ports[0].hostPort: Invalid value: 8080: must match \`containerPort\` when ` +
      '`hostNetwork` is true',
  ])
})

test('variables', () => {
  assert.deepEqual(inContainer({ env: [{ name: '' }, { name: 'a=b' }] }), [
    `${C}.env[0].name: Required value`,
    `${C}.env[1].name: Invalid value: "a=b": a valid environment variable name must consist ` +
      "only of printable ASCII characters other than '='",
  ])
  const from = (valueFrom: Fields, value?: string) =>
    inContainer({ env: [{ name: 'A', valueFrom, ...(value && { value }) }] })
  const V = `${C}.env[0].valueFrom`
  assert.deepEqual(from({}), [
    `${V}: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, ` +
      '`configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
  ])
  assert.deepEqual(from({ secretKeyRef: { name: 'a', key: 'b' } }, 'x'), [
    `${V}: Invalid value: "": may not be specified when \`value\` is not empty`,
  ])
  assert.deepEqual(from({ fieldRef: { fieldPath: 'metadata.labels' } }), [
    `${V}.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: ` +
      '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", ' +
      '"spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", ' +
      '"status.podIPs"',
  ])
  assert.deepEqual(from({ fieldRef: { fieldPath: 'spec.x' } }), [
    `${V}.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label ` +
      'not supported: spec.x',
  ])
  assert.deepEqual(from({ resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } }), [
    `${V}.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and ` +
      '1 are supported with the cpu resource',
  ])
  assert.deepEqual(inContainer({ envFrom: [{}] }), [
    `${C}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
  ])
})

test('resources', () => {
  const resources = (limits: Fields, requests: Fields = {}) =>
    inContainer({ resources: { limits, requests } })
  assert.deepEqual(resources({ cpu: '1' }, { cpu: '2' }), [
    `${C}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
  ])
  assert.deepEqual(resources({ cpu: '-1' }), [
    `${C}.resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0`,
    `${C}.resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0`,
  ])
  assert.deepEqual(
    resources({ 'example.com/gpu': '500m' })[0],
    `${C}.resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
  )
  assert.deepEqual(resources({}, { 'example.com/gpu': '1' }), [
    `${C}.resources.limits: Required value: Limit must be set for non overcommitable resources`,
  ])
  assert.deepEqual(
    resources({ pods: '1' })[0],
    `${C}.resources.limits[pods]: Invalid value: "pods": must be a standard resource for ` +
      'containers',
  )
  assert.deepEqual(resources({ wrong: '1' }).slice(0, 2), [
    `${C}.resources.limits[wrong]: Invalid value: "wrong": must be a standard resource type or ` +
      'fully qualified',
    `${C}.resources.limits[wrong]: Invalid value: "wrong": must be a standard resource for ` +
      'containers',
  ])
  assert.deepEqual(resources({ 'hugepages-2Mi': '2Mi' }), [
    `${C}.resources: Forbidden: HugePages require cpu or memory`,
  ])
  assert.deepEqual(
    resources({ cpu: '1', 'hugepages-2Mi': '1Mi' })[0],
    `${C}.resources.limits[hugepages-2Mi]: Invalid value: "1Mi": 1Mi is not positive integer ` +
      'multiple of hugepages-2Mi',
  )
})

test('probes and lifecycle', () => {
  const probe = (livenessProbe: Fields) => inContainer({ livenessProbe })
  assert.deepEqual(probe({}), [`${C}.livenessProbe: Required value: must specify a handler type`])
  assert.deepEqual(probe({ exec: {}, tcpSocket: { port: 1 } }), [
    `${C}.livenessProbe.exec.command: Required value`,
    `${C}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`,
  ])
  assert.deepEqual(probe({ tcpSocket: { port: 0 }, successThreshold: 2, periodSeconds: -1 }), [
    `${C}.livenessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
    `${C}.livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`,
    `${C}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
  ])
  assert.deepEqual(inContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }), [
    `${C}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than ` +
      'terminationGracePeriodSeconds (30)',
  ])
})

test('volumes and mounts', () => {
  assert.deepEqual(inContainer({ volumeMounts: [{ name: 'x', mountPath: '' }] }), [
    `${C}.volumeMounts[0].name: Not found: "x"`,
    `${C}.volumeMounts[0].mountPath: Required value`,
  ])
  const volumes = (...list: Fields[]) => errors({ volumes: list })
  assert.deepEqual(volumes({ name: 'a' }, { name: 'a' }), [
    'spec.volumes[1].name: Duplicate value: "a"',
  ])
  assert.deepEqual(volumes({ name: 'a', emptyDir: {}, hostPath: { path: '/' } }), [
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ])
  assert.deepEqual(volumes({ name: 'a', hostPath: { path: '/a/../b', type: 'X' } }), [
    'spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
    'spec.volumes[0].hostPath.type: Unsupported value: "X": supported values: "", ' +
      '"BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", ' +
      '"Socket"',
  ])
  assert.deepEqual(
    volumes({ name: 'a', secret: { defaultMode: 0o1000, items: [{ key: 'k', path: '../x' }] } }),
    [
      'spec.volumes[0].secret.secretName: Required value',
      'spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and ' +
        '0777 (octal), both inclusive',
      'spec.volumes[0].secret.items[0].path: Invalid value: "../x": must not contain \'..\'',
    ],
  )
  assert.deepEqual(
    volumes({
      name: 'a',
      projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 1 } }] },
    }),
    [
      'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid ' +
        'value: 1: may not specify a duration less than 10 minutes',
      'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be ' +
        'specified when serviceAccountName is not set',
    ],
  )
})

test('the rest of the spec', () => {
  const cases: readonly (readonly [Fields, readonly string[]])[] = [
    [
      { restartPolicy: 'X' },
      [
        'spec.restartPolicy: Unsupported value: "X": supported values: "Always", "OnFailure", ' +
          '"Never"',
      ],
    ],
    [
      { dnsPolicy: 'None' },
      ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    ],
    [
      { dnsConfig: { nameservers: ['x'] } },
      [
        'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, (e.g. ' +
          '10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [
      { activeDeadlineSeconds: 0 },
      ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
    ],
    [
      { tolerations: [{}] },
      [
        'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` ' +
          'is empty, which means "match all values and all keys"',
      ],
    ],
    [
      { tolerations: [{ key: 'a', operator: 'X' }] },
      ['spec.tolerations[0].operator: Unsupported value: "X": supported values: "Equal", "Exists"'],
    ],
    [
      { schedulingGates: [{ name: 'a' }], nodeName: 'n' },
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
    ],
    [
      { securityContext: { runAsUser: -1 } },
      [
        'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, ' +
          'inclusive',
      ],
    ],
    [
      { ephemeralContainers: [container({ name: 'e' })] },
      ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
    ],
    [
      { hostAliases: [{ ip: '1', hostnames: ['a'] }] },
      [
        'spec.hostAliases[0].ip: Invalid value: "1": must be a valid IP address, (e.g. ' +
          '10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [{ nodeSelector: { 'a b': 'c' } }, []],
  ]
  for (const [spec, expected] of cases) {
    if (expected.length > 0) assert.deepEqual(errors(spec), expected)
    else assert.equal(errors(spec).length, 1, JSON.stringify(spec))
  }
})

test('a pod cannot become another pod', () => {
  assert.deepEqual(update({ containers: [container({ image: 'redis:8' })] }, {}), [])
  assert.deepEqual(update({ activeDeadlineSeconds: 5 }, {}), [])
  assert.deepEqual(update({ tolerations: [{ key: 'a', operator: 'Exists' }] }, {}), [])
  assert.deepEqual(update({}, { schedulingGates: [{ name: 'a' }] }), [])
  assert.deepEqual(
    update(
      { nodeSelector: { a: 'b' }, schedulingGates: [{ name: 'g' }] },
      { schedulingGates: [{ name: 'g' }] },
    ),
    [],
  )
  assert.deepEqual(update({ containers: [container(), container({ name: 'd' })] }, {}), [
    'spec.containers: Forbidden: pod updates may not add or remove containers',
  ])
  assert.deepEqual(update({}, { activeDeadlineSeconds: 5 }), [
    'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer ' +
      'to nil value',
  ])
  assert.deepEqual(update({}, { tolerations: [{ key: 'a', operator: 'Exists' }] }), [
    'spec.tolerations: Forbidden: existing toleration can not be modified except its ' +
      'tolerationSeconds',
  ])
  const [error, ...others] = update({ containers: [container({ command: ['x'] })] }, {})
  assert.deepEqual(others, [])
  assert.ok(
    error?.startsWith(
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,' +
        '`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only ' +
        'additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be ' +
        'set to 1 if it was previously negative)\n@@ -',
    ),
    error,
  )
  assert.match(error ?? '', /\n\+ {3}"command": \[\n/)
})

test('a scheduling group is named', () => {
  const path = 'spec.schedulingGroup.podGroupName'
  assert.deepEqual(errors({ schedulingGroup: { podGroupName: 'g' } }), [])
  assert.deepEqual(errors({ schedulingGroup: {} }), [
    `${path}: Invalid value: null: must specify one of: \`podGroupName\``,
  ])
  const [wrong = ''] = errors({ schedulingGroup: { podGroupName: 'A B' } })
  assert.match(wrong, /podGroupName: Invalid value: "A B": a lowercase RFC 1123 subdomain/)
})
