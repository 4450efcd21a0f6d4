import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { RuntimeClass } from '../../kinds/node/v1/runtime-class.ts'
import type { StatusError } from '../../machinery/status-error.ts'

type Spec = NonNullable<(typeof Pod)['draft']['spec']>

async function withClass(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  const { client } = server
  await client.create(ServiceAccount, { metadata: { namespace: 'default', name: 'default' } })
  await client.create(RuntimeClass, {
    metadata: { name: 'sandboxed' },
    handler: 'runsc',
    overhead: { podFixed: { memory: '64Mi', cpu: '100m' } },
    scheduling: {
      nodeSelector: { runtime: 'gvisor' },
      tolerations: [{ key: 'gvisor', operator: 'Exists' }],
    },
  })
  await run(server)
  server.close()
}

const create = ({ client }: TestServer, spec: Partial<Spec>) =>
  client.create(Pod, {
    metadata: { namespace: 'default', generateName: 'p-' },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  })

async function whyNot(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as StatusError,
  )
  return (error?.message ?? 'no error').replace(/^pods "p-\w*" is forbidden: /, '')
}

test('a pod takes over overhead, node selector and tolerations', () =>
  withClass(async (server) => {
    const { spec } = await create(server, {
      runtimeClassName: 'sandboxed',
      nodeSelector: { zone: 'a' },
      tolerations: [
        { key: 'gvisor', operator: 'Equal', value: 'x', effect: 'NoSchedule' },
        { key: 'mine', operator: 'Exists', effect: 'NoSchedule' },
      ],
    })
    assert.deepEqual(spec.overhead, { memory: '64Mi', cpu: '100m' })
    assert.deepEqual(spec.nodeSelector, { zone: 'a', runtime: 'gvisor' })
    // What the class tolerates is more than what the pod did under the same key.
    const own = spec.tolerations?.filter(({ effect }) => effect !== 'NoExecute')
    assert.deepEqual(own, [
      { key: 'mine', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'gvisor', operator: 'Exists' },
    ])
  }))

test('a pod may say the same, and nothing else', () =>
  withClass(async (server) => {
    const runtimeClassName = 'sandboxed'
    const same = { memory: '65536Ki', cpu: '0.1' }
    assert.equal(await whyNot(create(server, { runtimeClassName, overhead: same })), 'no error')
    assert.equal(
      await whyNot(create(server, { runtimeClassName, overhead: { cpu: '1' } })),
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    )
    assert.equal(
      await whyNot(create(server, { runtimeClassName, nodeSelector: { runtime: 'runc' } })),
      'conflict: runtimeClass.scheduling.nodeSelector[runtime] = gvisor; ' +
        'pod.spec.nodeSelector[runtime] = runc',
    )
    assert.equal(
      await whyNot(create(server, { overhead: { cpu: '1' } })),
      'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    )
    assert.equal(
      await whyNot(create(server, { runtimeClassName: 'none' })),
      'pod rejected: RuntimeClass "none" not found',
    )
  }))
