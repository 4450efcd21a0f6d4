import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { TtlController } from '../../src/controllers/ttl/ttl-controller.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'

const definitions = [
  {
    name: 'ttl-controller',
    serviceAccount: 'ttl-controller',
    create: (context: ControllerContext) => new TtlController(context),
  },
]

test('the more nodes there are, the longer kubelets keep what they have read', async () => {
  const simulation = new ControllerSimulation(1)
  const { client, api, clock } = simulation
  const create = async (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      await client.create(Node, { metadata: { name: `node-${index}` } })
    }
    await clock.advance(30_000)
  }
  const remove = async (from: number, to: number) => {
    for (let index = from; index < to; index++) await client.delete(Node, { name: `node-${index}` })
    await clock.advance(30_000)
  }
  const seconds = () => [
    ...new Set(
      api.list(Node).map(({ metadata }) => metadata.annotations?.['node.alpha.kubernetes.io/ttl']),
    ),
  ]
  simulation.start(definitions)
  await create(0, 100)
  assert.deepEqual(seconds(), ['0'])
  await create(100, 101)
  assert.deepEqual(seconds(), ['15'])
  await remove(90, 101)
  assert.deepEqual(seconds(), ['15'])
  await remove(89, 90)
  assert.deepEqual(seconds(), ['0'])
  await simulation.stop()
})
