import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storedPod } from '../../../test/support/pods.ts'
import { hasStorageLimit, storageExcess } from './local-storage.ts'

const MB = 2 ** 20
const use = (volumes: Record<string, number>, containers: Record<string, number> = {}) => ({
  volumes: new Map(Object.entries(volumes)),
  containers: new Map(Object.entries(containers)),
})
const container = (name: string, limit?: string) => ({
  name,
  ...(limit !== undefined && { resources: { limits: { 'ephemeral-storage': limit } } }),
})

test('a volume has its own limit', () => {
  const pod = storedPod({
    containers: [container('main')],
    volumes: [
      { name: 'cache', emptyDir: { sizeLimit: '1Mi' } },
      { name: 'memory', emptyDir: { sizeLimit: '1Mi', medium: 'Memory' } },
    ],
  })
  assert.equal(hasStorageLimit(pod), true)
  assert.equal(storageExcess(pod, use({ cache: MB, memory: 2 * MB })), undefined)
  assert.equal(
    storageExcess(pod, use({ cache: MB + 1 }))?.message,
    'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ',
  )
})

test('containers have limits, and all of them together one for the pod', () => {
  const pod = storedPod({ containers: [container('a', '1Mi'), container('b', '2Mi')] })
  assert.equal(hasStorageLimit(pod), true)
  assert.equal(storageExcess(pod, use({}, { a: MB, b: 2 * MB })), undefined)
  assert.equal(
    storageExcess(pod, use({ v: 1 }, { a: MB, b: 2 * MB }))?.message,
    `Pod ephemeral local storage usage exceeds the total limit of containers ${3 * MB}. `,
  )
  assert.equal(
    storageExcess(pod, use({}, { a: MB + 1 }))?.message,
    'Container a exceeded its local ephemeral storage limit "1Mi". ',
  )
  const unlimited = storedPod({ containers: [container('a', '1Mi'), container('b')] })
  assert.equal(storageExcess(unlimited, use({ v: 9 * MB }, { b: 9 * MB })), undefined)
  assert.equal(hasStorageLimit(storedPod({ containers: [container('a')] })), false)
})
