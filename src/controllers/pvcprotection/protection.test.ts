import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestServer } from '../../../test/support/api-server.ts'
import { withControllers } from '../../../test/support/controllers-with-api.ts'
import type { Client } from '../../client/client.ts'
import { PersistentVolume } from '../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { VolumeAttributesClass } from '../../kinds/storage/v1/volume-attributes-class.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import { PvProtectionController } from '../pvprotection/pv-protection-controller.ts'
import { VacProtectionController } from '../vacprotection/vac-protection-controller.ts'
import { PvcProtectionController } from './pvc-protection-controller.ts'

const claimKey = { namespace: 'default', name: 'data' }
const podKey = { namespace: 'default', name: 'p' }

/** With all three controllers at work. */
function withProtection(run: (server: TestServer) => Promise<void>): Promise<void> {
  const controllers = [PvcProtectionController, PvProtectionController, VacProtectionController]
  return withControllers(controllers, async (server) => {
    const metadata = { namespace: 'default', name: 'default' }
    await server.client.create(ServiceAccount, { metadata })
    await run(server)
  })
}

async function exists<T extends KubeObject>(
  { client, clock }: TestServer,
  kind: KindRef<T>,
  key: { readonly namespace?: string; readonly name: string },
): Promise<boolean> {
  await clock.advance(100)
  try {
    await client.get(kind, key)
    return true
  } catch (error) {
    if (isReason(error, 'NotFound')) return false
    throw error
  }
}

const createClaim = (client: Client, volumeAttributesClassName?: string) =>
  client.create(PersistentVolumeClaim, {
    metadata: claimKey,
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      ...(volumeAttributesClassName !== undefined && { volumeAttributesClassName }),
    },
  })

const createPod = (client: Client, nodeName?: string) =>
  client.create(Pod, {
    metadata: podKey,
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: claimKey.name } }],
      ...(nodeName !== undefined && { nodeName }),
    },
  })

test('a claim stays as long as a pod on some node has it', () =>
  withProtection(async (server) => {
    const { client } = server
    await createClaim(client)
    await createPod(client, 'n')
    await client.delete(PersistentVolumeClaim, claimKey)
    assert.equal(await exists(server, PersistentVolumeClaim, claimKey), true)
    await client.delete(Pod, podKey, { gracePeriodSeconds: 0 })
    assert.equal(await exists(server, PersistentVolumeClaim, claimKey), false)
  }))

test('a pod that has no node keeps no claim', () =>
  withProtection(async (server) => {
    const { client } = server
    await createClaim(client)
    await createPod(client)
    await client.delete(PersistentVolumeClaim, claimKey)
    assert.equal(await exists(server, PersistentVolumeClaim, claimKey), false)
  }))

test('claims from before get the finalizer', () =>
  withProtection(async (server) => {
    const { client, clock } = server
    const claim = await createClaim(client)
    const metadata = { ...claim.metadata, finalizers: [] }
    await client.update(PersistentVolumeClaim, { ...claim, metadata })
    await clock.advance(100)
    const { finalizers } = (await client.get(PersistentVolumeClaim, claimKey)).metadata
    assert.deepEqual(finalizers, ['kubernetes.io/pvc-protection'])
  }))

test('a volume stays as long as a claim is bound to it', () =>
  withProtection(async (server) => {
    const { client } = server
    const volume = await client.create(PersistentVolume, {
      metadata: { name: 'v' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/tmp/v' },
      },
    })
    const setPhase = async (phase: 'Bound' | 'Released') => {
      const current = await client.get(PersistentVolume, { name: volume.metadata.name })
      await client.updateStatus(PersistentVolume, { ...current, status: { phase } })
    }
    await setPhase('Bound')
    await client.delete(PersistentVolume, { name: 'v' })
    assert.equal(await exists(server, PersistentVolume, { name: 'v' }), true)
    await setPhase('Released')
    assert.equal(await exists(server, PersistentVolume, { name: 'v' }), false)
  }))

test('a class of attributes stays as long as a claim wants it', () =>
  withProtection(async (server) => {
    const { client } = server
    const key = { name: 'fast' }
    await client.create(VolumeAttributesClass, {
      metadata: key,
      driverName: 'example.com',
      parameters: { iops: '9' },
    })
    await createClaim(client, 'fast')
    await client.delete(VolumeAttributesClass, key)
    assert.equal(await exists(server, VolumeAttributesClass, key), true)
    await client.delete(PersistentVolumeClaim, claimKey)
    assert.equal(await exists(server, VolumeAttributesClass, key), false)
  }))
