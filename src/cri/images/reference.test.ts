import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalImageName, parseImageReference } from './reference.ts'

const digest = `sha256:${'ab'.repeat(32)}`

test('short names stand for Docker’s registry and the latest tag', () => {
  const names: readonly (readonly [string, string])[] = [
    ['redis', 'docker.io/library/redis:latest'],
    ['redis:7.2', 'docker.io/library/redis:7.2'],
    ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
    ['docker.io/redis', 'docker.io/library/redis:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/a/b/c:v1', 'localhost:5000/a/b/c:v1'],
    [`redis@${digest}`, `docker.io/library/redis@${digest}`],
    [`redis:7@${digest}`, `docker.io/library/redis:7@${digest}`],
  ]
  for (const [short, full] of names) assert.equal(canonicalImageName(short), full)
})

test('what is no image name is refused', () => {
  for (const text of ['', 'Redis Server', 'redis:', 'a//b', 'localhost:5000/', 'redis@sha256:12']) {
    assert.throws(() => parseImageReference(text), /invalid image reference/, text)
  }
})
