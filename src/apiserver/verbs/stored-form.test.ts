import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

const ROLES = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles'

test('an empty list without omitempty is null once stored, and owned by who gave it', async () => {
  const server = await createTestServer()
  const send = async (method: string, url: string, body?: object) => {
    const { text } = await server.send(method, url, body === undefined ? {} : { body })
    const { rules, metadata } = JSON.parse(text)
    return {
      rules,
      fields: metadata.managedFields?.map((one: { fieldsV1: unknown }) => one.fieldsV1),
    }
  }
  try {
    const role = { metadata: { name: 'a' }, rules: [] }
    const owned = [{ 'f:rules': {} }]
    assert.deepEqual(await send('POST', `${ROLES}?dryRun=All`, role), {
      rules: null,
      fields: owned,
    })
    assert.deepEqual(await send('POST', ROLES, role), { rules: null, fields: owned })
    assert.deepEqual(await send('GET', `${ROLES}/a`), { rules: null, fields: owned })
    const { rules } = await send('POST', ROLES, { metadata: { name: 'b' } })
    assert.equal(rules, null)
  } finally {
    await server.close()
  }
})

test('an empty list in place of none is no new generation', async () => {
  const server = await createTestServer()
  const url = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
  const slice = { metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [], ports: [] }
  const write = async (method: string, to: string) => {
    const { metadata } = JSON.parse((await server.send(method, to, { body: slice })).text)
    return [metadata.generation, metadata.resourceVersion]
  }
  try {
    const created = await write('POST', url)
    assert.equal(created[0], 1)
    assert.deepEqual(await write('PUT', `${url}/a`), created)
  } finally {
    await server.close()
  }
})

test('an empty list in place of none is no change of what must not change', async () => {
  const server = await createTestServer()
  const url = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims'
  const claim = { metadata: { name: 'a' }, spec: { devices: { requests: [] } } }
  try {
    assert.equal((await server.send('POST', url, { body: claim })).code, 201)
    const body = { spec: claim.spec }
    const contentType = 'application/merge-patch+json'
    assert.equal((await server.send('PATCH', `${url}/a`, { body, contentType })).code, 200)
  } finally {
    await server.close()
  }
})
