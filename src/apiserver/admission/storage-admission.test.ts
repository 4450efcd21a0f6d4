import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { PersistentVolume } from '../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { StorageClass } from '../../kinds/storage/v1/storage-class.ts'
import { VolumeAttributesClass } from '../../kinds/storage/v1/volume-attributes-class.ts'
import type { StatusError } from '../../machinery/status-error.ts'

const DEFAULT = 'storageclass.kubernetes.io/is-default-class'

async function withServer(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  await run(server)
  server.close()
}

const createClass = ({ client }: TestServer, name: string, annotations = {}, grows = false) =>
  client.create(StorageClass, {
    metadata: { name, annotations },
    provisioner: 'example.com/disks',
    allowVolumeExpansion: grows,
  })

const createClaim = (
  { client }: TestServer,
  name: string,
  { storageClassName, annotations = {} }: { storageClassName?: string; annotations?: object } = {},
) =>
  client.create(PersistentVolumeClaim, {
    metadata: { namespace: 'default', name, annotations: { ...annotations } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      ...(storageClassName !== undefined && { storageClassName }),
    },
  })

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as StatusError,
  )
  return error?.message ?? 'no error'
}

test('a claim without a class gets the newest default', () =>
  withServer(async (server) => {
    assert.equal((await createClaim(server, 'none')).spec.storageClassName, undefined)
    await createClass(server, 'z-old', { [DEFAULT]: 'true' })
    await createClass(server, 'other', { [DEFAULT]: 'false' })
    assert.equal((await createClaim(server, 'a')).spec.storageClassName, 'z-old')
    await server.clock.advance(5_000)
    const beta = 'storageclass.beta.kubernetes.io/is-default-class'
    await createClass(server, 'y-new', { [beta]: 'true' })
    await createClass(server, 'x-new', { [DEFAULT]: 'true' })
    assert.equal((await createClaim(server, 'b')).spec.storageClassName, 'x-new')
    const chosen = await createClaim(server, 'c', { storageClassName: '' })
    assert.equal(chosen.spec.storageClassName, '')
    const annotations = { 'volume.beta.kubernetes.io/storage-class': 'z-old' }
    const annotated = await createClaim(server, 'd', { annotations })
    assert.equal(annotated.spec.storageClassName, undefined)
  }))

test('volumes, claims and their classes are protected while they are in use', () =>
  withServer(async (server) => {
    const { client } = server
    const claim = await createClaim(server, 'a')
    assert.deepEqual(claim.metadata.finalizers, ['kubernetes.io/pvc-protection'])
    const volume = await client.create(PersistentVolume, {
      metadata: { name: 'v', finalizers: ['example.com/f'] },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/tmp/v' },
      },
    })
    assert.deepEqual(volume.metadata.finalizers, ['example.com/f', 'kubernetes.io/pv-protection'])
    const attributes = await client.create(VolumeAttributesClass, {
      metadata: { name: 'fast' },
      driverName: 'example.com',
      parameters: { iops: '9' },
    })
    assert.deepEqual(attributes.metadata.finalizers, ['kubernetes.io/vac-protection'])
  }))

test('a bound claim grows where its class says that it can', () =>
  withServer(async (server) => {
    const { client } = server
    await createClass(server, 'rigid')
    await createClass(server, 'elastic', {}, true)
    const grow = async (name: string) => {
      const key = { namespace: 'default', name }
      const claim = await client.get(PersistentVolumeClaim, key)
      const resources = { requests: { storage: '2Gi' } }
      const spec = { ...claim.spec, resources }
      return messageOf(client.update(PersistentVolumeClaim, { ...claim, spec }))
    }
    const bind = async (name: string) => {
      const claim = await client.get(PersistentVolumeClaim, { namespace: 'default', name })
      const spec = { ...claim.spec, volumeName: 'v' }
      const bound = await client.update(PersistentVolumeClaim, { ...claim, spec })
      const status = { ...bound.status, phase: 'Bound' as const, capacity: { storage: '1Gi' } }
      await client.updateStatus(PersistentVolumeClaim, { ...bound, status })
    }
    for (const name of ['rigid', 'elastic']) {
      await createClaim(server, name, { storageClassName: name })
    }
    const forbidden = (name: string) => `persistentvolumeclaims "${name}" is forbidden: `
    assert.match(await grow('elastic'), /spec is immutable/) // By validation, which goes first.
    await bind('elastic')
    await bind('rigid')
    assert.equal(await grow('elastic'), 'no error')
    assert.equal(
      await grow('rigid'),
      `${forbidden('rigid')}only dynamically provisioned pvc can be resized and the ` +
        'storageclass that provisions the pvc must support resize',
    )
  }))
