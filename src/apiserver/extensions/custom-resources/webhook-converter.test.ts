import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { VirtualClock } from '../../../../test/support/virtual-clock.ts'
import { seededRandom } from '../../../base/random.ts'
import type { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { StatusError } from '../../../machinery/status-error.ts'
import type { WebhookClient } from '../../webhooks/webhook-client.ts'
import { CustomResourceMetrics } from './custom-resource-metrics.ts'
import { WebhookConverter } from './webhook-converter.ts'

// biome-ignore lint/suspicious/noExplicitAny: whatever a webhook says
type Json = any
type Post = WebhookClient['post']

const V1 = 'wherry.example/v1'
const V2 = 'wherry.example/v2'

function converterWith(answer: (review: Json) => unknown, versions: readonly string[] = ['v1']) {
  const posts: Parameters<Post>[] = []
  const client = {
    post: (async (...args) => {
      posts.push(args)
      return answer(structuredClone(args[1]))
    }) as Post,
  }
  const webhook = {
    clientConfig: { url: 'https://hook.example', caBundle: 'IA==' },
    conversionReviewVersions: versions,
  }
  const definition = {
    metadata: { name: 'boats.wherry.example' },
    spec: { conversion: { strategy: 'Webhook', webhook } },
  } as unknown as CustomResourceDefinition
  const clock = new VirtualClock()
  const registry = new Registry()
  const metrics = new CustomResourceMetrics(registry, clock)
  const options = { definition, client, random: seededRandom(1), clock, metrics }
  return { converter: new WebhookConverter(options), posts, registry }
}

const boat = (name: string, apiVersion = V1): KubeObject =>
  ({
    apiVersion,
    kind: 'Boat',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, labels: { a: 'b' } },
  }) as unknown as KubeObject

/** What a sound webhook answers; `change` makes it less sound. */
function answering(change: (review: Json) => void = () => undefined) {
  return ({ request, ...review }: Json) => {
    const { uid, desiredAPIVersion: apiVersion, objects } = request
    const convertedObjects = objects.map((object: Json) => ({ ...object, apiVersion }))
    const answer = {
      ...review,
      response: { uid, result: { status: 'Success' }, convertedObjects },
    }
    change(answer)
    return answer
  }
}

async function failing(change: (answer: Json) => void): Promise<string> {
  const { converter } = converterWith(answering(change))
  try {
    await converter.convertAll([boat('a')], V2)
  } catch (error) {
    assert.ok(error instanceof StatusError)
    assert.deepEqual([error.code, error.reason], [500, ''])
    return error.message
  }
  assert.fail('nothing has failed')
}

test('those of other versions are converted, in their order', async () => {
  const { converter, posts } = converterWith(answering())
  const objects = [boat('a'), boat('b', V2), boat('c')]
  const converted = await converter.convertAll(objects, V2)
  assert.deepEqual(
    converted.map(({ apiVersion, metadata }) => [apiVersion, metadata.name]),
    [
      [V2, 'a'],
      [V2, 'b'],
      [V2, 'c'],
    ],
  )
  assert.equal(converted[1], objects[1])
  const [[config, review] = []] = posts as readonly Json[][]
  assert.equal(posts.length, 1)
  assert.deepEqual(config, { url: 'https://hook.example' }, 'a blank bundle is none')
  assert.equal(review.apiVersion, 'apiextensions.k8s.io/v1')
  assert.deepEqual([review.request.objects.length, review.request.desiredAPIVersion], [2, V2])
})

test('nobody is asked for what needs no conversion', async () => {
  const { converter, posts } = converterWith(answering())
  const empty = { apiVersion: V1, kind: 'Boat' } as unknown as KubeObject
  const converted = await converter.convertAll([boat('a', V2), empty], V2)
  assert.equal(converted[1]?.apiVersion, V2)
  assert.equal(posts.length, 0)
})

test('a webhook changes labels and annotations, and no other metadata', async () => {
  const { converter } = converterWith(
    answering(({ response }) => {
      const [object] = response.convertedObjects
      object.metadata = { ...object.metadata, labels: { c: 'd' }, finalizers: ['x/y'] }
      object.metadata.annotations = { e: 'f' }
    }),
  )
  const [object] = await converter.convertAll([boat('a')], V2)
  assert.deepEqual(object?.metadata, {
    name: 'a',
    namespace: 'default',
    uid: 'uid-a',
    labels: { c: 'd' },
    annotations: { e: 'f' },
  })
})

test('the first review version that is known here is spoken', async () => {
  const old = converterWith(
    answering(({ response }) => {
      response.uid = 'whatever'
    }),
    ['v7', 'v1beta1', 'v1'],
  )
  await old.converter.convertAll([boat('a')], V2)
  const [[, review] = []] = old.posts as readonly Json[][]
  assert.equal(review.apiVersion, 'apiextensions.k8s.io/v1beta1')
  const none = converterWith(answering(), ['v7'])
  await assert.rejects(none.converter.convertAll([boat('a')], V2), {
    message: 'no supported conversion review versions',
  })
})

test('answers that are none are refused in upstream’s words', async () => {
  const what = 'conversion webhook for wherry.example/v1, Kind=Boat'
  const first = (change: (object: Json) => void) => (answer: Json) =>
    change(answer.response.convertedObjects[0])
  const cases: readonly [change: (answer: Json) => void, text: string][] = [
    [
      ({ response }) => {
        response.result = { status: 'Failure', message: 'no wind' }
      },
      `${what} failed: no wind`,
    ],
    [
      ({ response }) => {
        response.result = {}
      },
      `${what} failed: response.result.status was '', not 'Success'`,
    ],
    [
      (answer) => {
        answer.response = undefined
      },
      `${what} failed: no response provided`,
    ],
    [
      ({ response }) => {
        response.convertedObjects = []
      },
      `${what} returned 0 objects, expected 1`,
    ],
    [
      first((object) => {
        object.apiVersion = 'x/v9'
      }),
      `${what} returned invalid object at index 0: invalid groupVersion (expected ${V2}, received x/v9)`,
    ],
    [
      first((object) => {
        object.kind = 'Ship'
      }),
      `${what} returned invalid object at index 0: invalid kind (expected Boat, received Ship)`,
    ],
    [
      first(({ metadata }) => {
        metadata.name = 'b'
      }),
      `${what} returned invalid object: must have the same name: a != b`,
    ],
    [
      first(({ metadata }) => {
        metadata.labels = { a: 1 }
      }),
      `${what} returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object`,
    ],
  ]
  for (const [change, text] of cases) assert.equal(await failing(change), text)
})

test('a webhook that knows nothing but single objects is asked for each', async () => {
  const { converter, posts } = converterWith(
    answering(({ response }) => response.convertedObjects.splice(1)),
  )
  const converted = await converter.convertAll([boat('a'), boat('b')], V2)
  assert.deepEqual(
    converted.map(({ metadata }) => metadata.name),
    ['a', 'b'],
  )
  assert.equal(posts.length, 3)
  const refusing = converterWith(answering(({ response }) => response.convertedObjects.splice(0)))
  await assert.rejects(refusing.converter.convertAll([boat('a'), boat('b')], V2), {
    message: 'conversion webhook for wherry.example/v1, Kind=Boat returned 0 objects, expected 1',
  })
  assert.equal(refusing.posts.length, 2, 'the first that fails is enough')
})

test('many objects are sent in portions', async () => {
  const { converter, posts } = converterWith(answering())
  const boats = Array.from({ length: 250 }, (_, index) => boat(`b${index}`))
  const converted = await converter.convertAll(boats, V2)
  assert.deepEqual(
    converted.map(({ metadata }) => metadata.name),
    boats.map(({ metadata }) => metadata.name),
  )
  const sizes = (posts as readonly Json[][]).map(([, review]) => review.request.objects.length)
  assert.deepEqual(sizes, [100, 100, 50])
})

test('requests are counted by what came of them', async () => {
  const cases: readonly [failure: string, change: (answer: Json) => unknown][] = [
    ['', () => undefined],
    [
      'call',
      () => {
        throw new Error('nobody there')
      },
    ],
    ['malformed_response', (answer) => delete answer.response],
    ['partial_response', (answer) => answer.response.convertedObjects.pop()],
    ['invalid_converted_object', (answer) => delete answer.response.convertedObjects[0].kind],
  ]
  for (const [name, change] of cases) {
    const { converter, registry } = converterWith(answering(change))
    await converter.convertAll([boat('a')], V2).catch(() => {})
    const type = name === '' ? '' : `conversion_webhook_${name}_failure`
    const result = name === '' ? 'success' : 'failure'
    const text = await registry.metrics()
    const labels = `result="${result}",failure_type="${type}"`
    const versions = 'crd_name="boats.wherry.example",from_version="v1",to_version="v2"'
    for (const line of [
      `apiserver_conversion_webhook_request_total{${labels}} 1`,
      `apiserver_conversion_webhook_duration_seconds_count{${labels}} 1`,
      `webhook_duration_seconds_count{${versions},succeeded="${name === ''}"} 1`,
    ]) {
      assert.ok(text.includes(`${line}\n`), `${line}\nin\n${text}`)
    }
  }
})
