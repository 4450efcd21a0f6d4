import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { Encryption } from './encryption.ts'
import { TransformationMetrics } from './transformation-metrics.ts'

const SECRETS = { group: '', plural: 'secrets' }

test('values are counted by their resource, provider and outcome', async () => {
  const registry = new Registry()
  const metrics = new TransformationMetrics(registry, new VirtualClock())
  const keys = [{ name: 'one', secret: Buffer.alloc(32).toString('base64') }]
  const providers = [{ secretbox: { keys } }, { identity: {} }]
  const configuration = { resources: [{ resources: ['*.*'], providers }] }
  const encryption = new Encryption(configuration, seededRandom(1), undefined, metrics)
  const secrets = encryption.transformerOf(SECRETS)
  const written = secrets?.write(Buffer.from('a'), 'key') ?? Buffer.from('')
  secrets?.read(written, 'key')
  secrets?.read(Buffer.from('plain'), 'key')
  assert.throws(() => secrets?.read(Buffer.from('k8s:enc:secretbox:v1:one:no'), 'key'))
  assert.throws(() => secrets?.read(Buffer.from('k8s:enc:other:v1:x'), 'key'))
  encryption.transformerOf({ group: 'apps', plural: 'deployments' })?.write(written, 'key')

  const name = 'apiserver_storage_transformation_operations_total'
  const line = (resource: string, type: string, prefix: string, status: string) =>
    `${name}{transformation_type="${type}",transformer_prefix="${prefix}",` +
    `resource="${resource}",status="${status}"} 1`
  const box = 'k8s:enc:secretbox:v1:'
  assert.deepEqual(
    (await registry.metrics()).split('\n').filter((one) => one.startsWith(name)),
    [
      line('secrets', 'to_storage', box, 'OK'),
      line('secrets', 'from_storage', box, 'OK'),
      line('secrets', 'from_storage', 'identity', 'OK'),
      line('secrets', 'from_storage', box, 'unknown-non-grpc'),
      line('secrets', 'from_storage', 'unknown', 'unknown-non-grpc'),
      line('deployments.apps', 'to_storage', box, 'OK'),
    ],
  )
})
