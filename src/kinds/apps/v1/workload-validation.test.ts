import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { ReplicationController } from '../../core/v1/replication-controller.ts'
import { DaemonSet } from './daemon-set.ts'
import { Deployment } from './deployment.ts'
import { ReplicaSet } from './replica-set.ts'
import { StatefulSet } from './stateful-set.ts'

type Fields = Record<string, unknown>
const selector = { matchLabels: { app: 'web' } }
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
}

function read<T extends KubeObject>(kind: Kind<T>, spec: Fields, status: Fields = {}): T {
  const object = { metadata: { name: 'a', namespace: 'b' }, spec: { template, ...spec }, status }
  const { value } = decodeObject(kind, object)
  return kind.setDefaults?.(value) ?? value
}
const create = <T extends KubeObject>(kind: Kind<T>, spec: Fields) =>
  [...(kind.validate?.(read(kind, spec), FieldPath.root) ?? [])].map(formatFieldError)
function update<T extends KubeObject>(kind: Kind<T>, spec: Fields, old: Fields) {
  const errors = kind.validateUpdate?.(read(kind, spec), read(kind, old), FieldPath.root) ?? []
  return [...errors].map(formatFieldError)
}
function report<T extends KubeObject>(kind: Kind<T>, status: Fields, old: Fields = {}) {
  const [now, before] = [read(kind, { selector }, status), read(kind, { selector }, old)]
  return [...(kind.validateStatusUpdate?.(now, before, FieldPath.root) ?? [])].map(formatFieldError)
}

const MISMATCH =
  'spec.template.metadata.labels: Invalid value: {"app":"web"}: ' +
  '`selector` does not match template `labels`'

test('good workloads', () => {
  for (const kind of [Deployment, ReplicaSet, DaemonSet, StatefulSet] as unknown as Kind[]) {
    assert.deepEqual(create(kind, { selector }), [], kind.kind)
    assert.deepEqual(update(kind, { selector }, { selector }), [], kind.kind)
  }
  assert.deepEqual(create(ReplicationController, {}), [])
})

test('selectors', () => {
  assert.deepEqual(create(Deployment, {}), ['spec.selector: Required value', MISMATCH])
  assert.deepEqual(create(Deployment, { selector: {} }), [
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ])
  assert.deepEqual(create(ReplicaSet, { selector: { matchLabels: { app: 'x' } } }), [MISMATCH])
  assert.deepEqual(create(DaemonSet, { selector: { matchLabels: { app: 'x' } } }), [MISMATCH])
  assert.deepEqual(create(StatefulSet, { selector: {} }), [
    'spec.selector: Invalid value: {}: empty selector is invalid for statefulset',
  ])
  const other = {
    matchLabels: { app: 'web' },
    matchExpressions: [{ key: 'app', operator: 'Exists' }],
  }
  assert.match(
    update(Deployment, { selector: other }, { selector })[0] ?? '',
    /^spec.selector: Invalid value: .*: field is immutable$/,
  )
})

test('templates are validated, and run for ever', () => {
  const bad = {
    ...template,
    spec: { containers: [], restartPolicy: 'Never', activeDeadlineSeconds: 1 },
  }
  assert.deepEqual(create(Deployment, { selector, template: bad }), [
    'spec.template.spec.containers: Required value',
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet ' +
      'is not Supported',
  ])
})

test('strategies', () => {
  const strategy = (rollingUpdate: Fields) =>
    create(Deployment, { selector, strategy: { rollingUpdate } })
  const path = 'spec.strategy.rollingUpdate'
  assert.deepEqual(strategy({ maxUnavailable: 0, maxSurge: 0 }), [
    `${path}.maxUnavailable: Invalid value: 0: may not be 0 when \`maxSurge\` is 0`,
  ])
  assert.deepEqual(strategy({ maxUnavailable: '101%' }), [
    `${path}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`,
  ])
  assert.match(
    strategy({ maxSurge: 'x' })[0] ?? '',
    /maxSurge: Invalid value: "x": a valid percent string must be/,
  )
  assert.deepEqual(
    create(Deployment, { selector, strategy: { type: 'Recreate', rollingUpdate: {} } }),
    [`${path}: Forbidden: may not be specified when strategy \`type\` is 'Recreate'`],
  )
  assert.deepEqual(create(Deployment, { selector, minReadySeconds: 600, replicas: -1 }), [
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ])
  assert.deepEqual(
    create(DaemonSet, {
      selector,
      updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
    }),
    [
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when ' +
        'maxUnavailable is non-zero',
    ],
  )
})

test('a StatefulSet keeps what its pods depend on', () => {
  assert.deepEqual(update(StatefulSet, { selector, replicas: 5 }, { selector }), [])
  assert.deepEqual(update(StatefulSet, { selector, serviceName: 'x' }, { selector }), [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', " +
      "'template', 'updateStrategy', 'revisionHistoryLimit', " +
      "'persistentVolumeClaimRetentionPolicy' " +
      "and 'minReadySeconds' are forbidden",
  ])
})

test('counts of a status', () => {
  const status = { replicas: 1, readyReplicas: 2, availableReplicas: 3 }
  assert.deepEqual(report(Deployment, status), [
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
  ])
  assert.deepEqual(report(Deployment, { collisionCount: 1 }, { collisionCount: 2 }), [
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ])
  assert.deepEqual(
    report(ReplicaSet, { replicas: -1 })[0],
    'status.replicas: Invalid value: ' + '-1: must be greater than or equal to 0',
  )
})
