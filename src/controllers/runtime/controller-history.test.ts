import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RevisionOwner, revisionData } from './controller-history.ts'

test('what a revision keeps has the bytes of upstream’s patch', () => {
  const containers = [{ name: 'x', image: 'i', ports: [{ protocol: 'TCP', containerPort: 80 }] }]
  const template = {
    spec: { restartPolicy: 'Always', containers },
    metadata: { labels: { b: '', a: '' } },
  }
  const owner = { spec: { template } } as unknown as RevisionOwner
  assert.equal(
    JSON.stringify(revisionData(owner)),
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"a":"","b":""}},"spec":' +
      '{"containers":[{"image":"i","name":"x","ports":[{"containerPort":80,"protocol":"TCP"}]}],' +
      '"restartPolicy":"Always"}}}}',
  )
})
