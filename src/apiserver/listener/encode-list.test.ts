import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestListener } from '../../../test/support/test-listener.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { CBOR } from '../cbor/media-type.ts'
import type { LongList } from '../long-list.ts'
import { MEDIA_TYPES, type MediaType } from './accept.ts'
import { type Encoding, encode } from './encode.ts'
import { encodeList } from './encode-list.ts'

const PODS = '/api/v1/pods'

function listOf(length: number, others: Partial<LongList> = {}): LongList {
  return {
    head: { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '7', continue: '' } },
    field: 'items',
    length,
    *items() {
      for (let at = 0; at < length; at++) yield itemOf(at)
    },
    ...others,
  }
}

/** What is easily written wrong in a part of a list: breaks, what is absent, large numbers. */
function itemOf(at: number) {
  return {
    metadata: {
      name: `p${at}`,
      labels: {},
      annotations: { text: `items: []\n  "x": ${at}\n`, none: undefined },
    },
    spec: { containers: [], priority: at % 2 === 0 ? 9007199254740993n : at, volumes: undefined },
    status: at % 3 === 0 ? null : { conditions: [{ type: 'Ready', ratio: 0.5 }, 'é'] },
  }
}

const LISTS: Readonly<Record<string, LongList>> = {
  'of pods': listOf(70),
  'of 300': listOf(300),
  'of one': listOf(1),
  'of custom objects': listOf(30, {
    head: { kind: 'FooList', apiVersion: 'x.io/v1', metadata: { continue: '' }, more: undefined },
  }),
  'that is a table': listOf(3, {
    head: {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: {},
      columnDefinitions: [{ name: 'rows', type: 'string', description: 'rows: []' }],
    },
    field: 'rows',
  }),
  'of bytes': listOf(2, {
    head: { kind: 'SecretList', apiVersion: 'v1', metadata: {} },
    *items() {
      for (const name of ['a', 'b']) yield { metadata: { name }, data: { k: 'aGVsbG8=' } }
    },
  }),
}

for (const [name, list] of Object.entries(LISTS)) {
  test(`a list ${name} in parts is what it is in one piece`, () => {
    for (const mediaType of [...MEDIA_TYPES, CBOR] satisfies MediaType[]) {
      for (const isPretty of [false, true]) {
        const encoding: Encoding = { mediaType, isPretty }
        const parts = encodeList(list, encoding)
        if (parts === undefined) continue
        const made = Buffer.concat([...parts])
        const whole = Buffer.from(
          encode({ ...list.head, [list.field]: [...list.items()] }, encoding),
        )
        assert.equal(made.toString('latin1'), whole.toString('latin1'), `${mediaType} ${isPretty}`)
      }
    }
  })
}

test('items are made while the list is sent, in whatever form', { timeout: 20_000 }, async () => {
  const harness = await TestListener.start(new VirtualClock())
  const length = 3000
  try {
    for (const accept of [
      'application/yaml',
      CBOR,
      'application/json',
      'application/json;pretty=1',
    ]) {
      let made = 0
      let madeAtOnce: number | undefined
      const list = listOf(length, {
        *items() {
          setImmediate(() => {
            madeAtOnce = made
          })
          for (made = 0; made < length; made++) yield itemOf(made)
        },
      })
      harness.handler = async () => ({
        type: 'object',
        code: 200,
        get object() {
          return assert.fail('nobody has asked for all of it')
        },
        list,
      })
      for (const gzip of [{}, { 'accept-encoding': 'gzip' }]) {
        const { code, headers } = await harness.http2('GET', PODS, { accept, ...gzip })
        assert.equal(code, 200)
        assert.equal(headers['content-length'], undefined)
        assert.equal(made, length)
        assert.ok((madeAtOnce ?? length) < length / 2, `${accept}: ${madeAtOnce} made in one turn`)
      }
    }
  } finally {
    harness.session.close()
    await harness.listener.close()
  }
})
