import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

const PODS = '/api/v1/namespaces/default/pods'
const containerOf = (name: string, cpu: string) => ({
  ...{ name, image: 'i', resources: { requests: { cpu } } },
  resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
})
const podOf = (containers: readonly object[]) => ({
  metadata: { name: 'a' },
  spec: { containers },
})

async function withPod(run: (put: (pod: object) => Promise<string>) => Promise<void>) {
  const server = await createTestServer()
  await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  })
  const body = podOf([containerOf('c', '1'), containerOf('d', '1')])
  const { code, text } = await server.send('POST', PODS, { body })
  assert.equal(code, 201, text)
  await run(async (pod) => {
    const answer = await server.send('PUT', `${PODS}/a/resize`, { body: pod })
    const { message, spec } = JSON.parse(answer.text)
    if (answer.code !== 200) return message
    const show = ({ image, resources }: { image: string; resources: { requests: object } }) =>
      `${image} ${JSON.stringify(resources.requests)}`
    return spec.containers.map(show).join(', ')
  })
  server.close()
}

test('a resize takes the resources of a pod and nothing else', () =>
  withPod(async (put) => {
    const changed = { ...containerOf('c', '2'), image: 'other' }
    const answer = await put(podOf([changed, containerOf('d', '1')]))
    assert.equal(answer, 'i {"cpu":"2"}, i {"cpu":"1"}')
  }))

test('a resize neither adds nor removes nor renames containers', () =>
  withPod(async (put) => {
    const changed = (what: string) => `Pod "a" is invalid: spec.containers${what} on resize`
    assert.equal(
      await put(podOf([containerOf('c', '2')])),
      changed(': Forbidden: containers may not be added or removed'),
    )
    assert.equal(
      await put(podOf([containerOf('c', '2'), containerOf('e', '1')])),
      changed('[1].name: Forbidden: containers may not be renamed or reordered'),
    )
  }))
