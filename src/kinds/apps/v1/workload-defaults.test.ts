import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { ReplicationController } from '../../core/v1/replication-controller.ts'
import { DaemonSet } from './daemon-set.ts'
import { Deployment } from './deployment.ts'
import { ReplicaSet } from './replica-set.ts'
import { StatefulSet } from './stateful-set.ts'

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx:1' }] },
}

function read<T extends KubeObject>(kind: Kind<T>, spec: object): T {
  const { value } = decodeObject(kind, { metadata: { name: 'a' }, spec: { template, ...spec } })
  const defaulted = kind.setDefaults?.(value) ?? value
  assert.equal(kind.setDefaults?.(defaulted), defaulted, 'what is complete is shared')
  return defaulted
}

test('Deployment', () => {
  const { spec } = read(Deployment, { selector: { matchLabels: { app: 'web' } } })
  const { template: pod, ...rest } = spec
  assert.deepEqual(rest, {
    selector: { matchLabels: { app: 'web' } },
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
  })
  assert.equal(pod.spec.containers[0]?.imagePullPolicy, 'IfNotPresent')
  assert.equal(pod.spec.enableServiceLinks, undefined, 'not in templates')
  assert.equal(read(Deployment, { replicas: 0 }).spec.replicas, 0)
  assert.deepEqual(read(Deployment, { strategy: { type: 'Recreate' } }).spec.strategy, {
    type: 'Recreate',
  })
  const { strategy } = read(Deployment, { strategy: { rollingUpdate: { maxSurge: 0 } } }).spec
  assert.deepEqual(strategy.rollingUpdate, { maxSurge: 0, maxUnavailable: '25%' })
})

test('ReplicaSet, DaemonSet, StatefulSet', () => {
  assert.equal(
    read(ReplicaSet, {}).spec.template.spec.containers[0]?.imagePullPolicy,
    'IfNotPresent',
  )
  assert.deepEqual(read(DaemonSet, {}).spec.updateStrategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
  })
  assert.deepEqual(read(DaemonSet, { updateStrategy: { type: 'OnDelete' } }).spec.updateStrategy, {
    type: 'OnDelete',
  })
  assert.deepEqual(read(StatefulSet, {}).spec.updateStrategy, {
    type: 'RollingUpdate',
    rollingUpdate: { partition: 0 },
  })
  const strategyOf = (updateStrategy: object) =>
    read(StatefulSet, { updateStrategy }).spec.updateStrategy
  const rolling = { type: 'RollingUpdate' }
  assert.deepEqual(strategyOf({ type: '' }), { ...rolling, rollingUpdate: { partition: 0 } })
  assert.deepEqual(strategyOf(rolling), rolling, 'who names it gets no numbers')
  assert.deepEqual(strategyOf({ rollingUpdate: { maxUnavailable: 2 } }), {
    ...rolling,
    rollingUpdate: { maxUnavailable: 2, partition: 0 },
  })
  assert.deepEqual(strategyOf({ type: 'OnDelete' }), { type: 'OnDelete' })
})

test('ReplicationController takes the labels of its pods', () => {
  const controller = read(ReplicationController, {})
  assert.deepEqual(controller.spec.selector, { app: 'web' })
  assert.deepEqual(controller.metadata.labels, { app: 'web' })
  assert.deepEqual(read(ReplicationController, { selector: { x: 'y' } }).spec.selector, { x: 'y' })
})
