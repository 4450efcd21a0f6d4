import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import type { Client } from '../../client/client.ts'
import { LimitRange } from '../../kinds/core/v1/limit-range.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { RuntimeClass } from '../../kinds/node/v1/runtime-class.ts'
import type { StatusError } from '../../machinery/status-error.ts'

type Container = NonNullable<(typeof Pod)['draft']['spec']>['containers'][number]
type Limits = NonNullable<(typeof LimitRange)['draft']['spec']>['limits']

async function withLimits(limits: Limits, run: (client: Client) => Promise<void>): Promise<void> {
  const { client, server } = await createTestServer({ isBootstrapped: true })
  const metadata = { namespace: 'default', name: 'default' }
  await client.create(ServiceAccount, { metadata })
  await client.create(LimitRange, { metadata, spec: { limits } })
  await run(client)
  server.close()
}

const create = (client: Client, containers: readonly Partial<Container>[]) =>
  client.create(Pod, {
    metadata: { namespace: 'default', generateName: 'p-' },
    spec: {
      containers: containers.map((one, index) => ({ name: `c${index}`, image: 'i', ...one })),
    },
  })

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as StatusError,
  )
  return (error?.message ?? 'no error').replace(/^.* is forbidden: /, '')
}

test('containers get the defaults of their namespace, and the pod says so', () =>
  withLimits(
    [
      {
        type: 'Container',
        default: { cpu: '500m', memory: '64Mi' },
        defaultRequest: { cpu: '100m' },
      },
    ],
    async (client) => {
      const { spec, metadata } = await create(client, [
        {},
        { resources: { limits: { cpu: '1' }, requests: { cpu: '1' } } },
      ])
      assert.deepEqual(spec.containers[0]?.resources, {
        requests: { cpu: '100m', memory: '64Mi' },
        limits: { cpu: '500m', memory: '64Mi' },
      })
      assert.deepEqual(spec.containers[1]?.resources?.limits, { cpu: '1', memory: '64Mi' })
      assert.equal(
        metadata.annotations?.['kubernetes.io/limit-ranger'],
        'LimitRanger plugin set: cpu, memory request for container c0; ' +
          'cpu, memory limit for container c0; memory request for container c1; ' +
          'memory limit for container c1',
      )
    },
  ))

test('bounds of containers and of pods, in upstream’s words', () =>
  withLimits(
    [
      { type: 'Pod', max: { memory: '100Mi' } },
      {
        type: 'Container',
        min: { cpu: '100m' },
        maxLimitRequestRatio: { cpu: '2' },
        default: { memory: '60Mi', cpu: '1' },
        defaultRequest: { cpu: '500m' },
      },
    ],
    async (client) => {
      assert.equal(await messageOf(create(client, [{}])), 'no error')
      assert.equal(
        await messageOf(create(client, [{}, {}])),
        'maximum memory usage per Pod is 100Mi, but limit is 120Mi',
      )
      const small = { requests: { cpu: '50m' }, limits: { cpu: '60m' } }
      assert.equal(
        await messageOf(create(client, [{ resources: small }])),
        'minimum cpu usage per Container is 100m, but request is 50m',
      )
      const wide = { requests: { cpu: '100m' }, limits: { cpu: '300m' } }
      assert.equal(
        await messageOf(create(client, [{ resources: wide }])),
        'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
      )
    },
  ))

test('bounds of claims', () =>
  withLimits([{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }], async (client) => {
    const claim = (storage: string) =>
      client.create(PersistentVolumeClaim, {
        metadata: { namespace: 'default', generateName: 'c-' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      })
    assert.equal(await messageOf(claim('1Gi')), 'no error')
    assert.equal(
      await messageOf(claim('2Gi')),
      'maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
    )
  }))

test('the overhead of a runtime counts for the pod', () =>
  withLimits([{ type: 'Pod', max: { memory: '100Mi' } }], async (client) => {
    const name = 'sandboxed'
    await client.create(RuntimeClass, {
      metadata: { name },
      handler: 'runsc',
      overhead: { podFixed: { memory: '10Mi' } },
    })
    const createWith = (runtimeClassName?: string) =>
      client.create(Pod, {
        metadata: { namespace: 'default', generateName: 'p-' },
        spec: {
          containers: [{ name: 'c', image: 'i', resources: { limits: { memory: '95Mi' } } }],
          ...(runtimeClassName !== undefined && { runtimeClassName }),
        },
      })
    assert.equal(await messageOf(createWith()), 'no error')
    assert.equal(
      await messageOf(createWith(name)),
      'maximum memory usage per Pod is 100Mi, but limit is 105Mi',
    )
  }))
