import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NodeProxyOptions, PodProxyOptions } from '../src/kinds/core/v1/proxy-options.ts'
import { builtInKinds } from '../src/kinds/index.ts'
import { protobufNumbers } from '../src/kinds/protobuf.ts'
import { structsOf } from './support/structs.ts'
import { readUpstream, upstreamIsMissing } from './support/upstream.ts'

const structs = structsOf([
  ...builtInKinds.map(({ schema }) => schema),
  PodProxyOptions.node,
  NodeProxyOptions.node,
])
const isObject = new Set(builtInKinds.map(({ schema }) => schema.name))

type Messages = Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>

const PACKAGES: Readonly<Record<string, string>> = {
  meta: 'k8s.io.apimachinery.pkg.apis',
  apiextensions: 'k8s.io.apiextensions_apiserver.pkg.apis',
  apiregistration: 'k8s.io.kube_aggregator.pkg.apis',
}

test('every struct has the numbers of exactly its fields', () => {
  for (const [name, [struct]] of [...structs].map(([key, all]) => [key, [...all]] as const)) {
    const fields = new Set(Object.keys(struct?.fields ?? {}))
    // TypeMeta travels in the envelope.
    if (isObject.has(name) || /Options$/.test(name)) {
      fields.delete('apiVersion')
      fields.delete('kind')
    }
    const numbered = Object.keys(protobufNumbers[name] ?? {})
    assert.deepEqual(numbered.toSorted(), [...fields].toSorted(), name)
  }
})

describe('numbers equal upstream\u2019s', { skip: upstreamIsMissing }, () => {
  const messages = upstreamIsMissing ? {} : readUpstream<Messages>('protobuf-fields.json')

  test('in every message, embedded ones included', () => {
    const unknown: string[] = []
    for (const [name, numbers] of Object.entries(protobufNumbers)) {
      const message = messages[`${PACKAGES[name.split('.')[0] ?? ''] ?? 'k8s.io.api'}.${name}`]
      if (message === undefined) {
        unknown.push(name)
        continue
      }
      for (const [field, number] of Object.entries(numbers)) {
        const path = typeof number === 'number' ? [number] : number
        checkPath(`${name}.${field}`, message, path, messages)
      }
    }
    assert.deepEqual(unknown, [])
  })
})

/**
 * Each step of a path is a field of the message, and the last one bears the field's name, unless it
 * holds the items of a list that is a message of its own.
 */
function checkPath(
  name: string,
  message: Messages[string],
  path: readonly number[],
  messages: Messages,
  isList = false,
): void {
  const [number, ...rest] = path
  const entry = Object.entries(message).find(([, [candidate]]) => candidate === number)
  assert.ok(entry !== undefined, `${name}: no field ${number}`)
  const [field, [, type]] = entry
  const expected = plainName(name.slice(name.lastIndexOf('.') + 1))
  if (rest.length === 0) {
    assert.equal(plainName(field), isList ? 'items' : expected, name)
    return
  }
  const inner = messages[type]
  assert.ok(inner !== undefined, `${name}: ${field} is no message`)
  checkPath(name, inner, rest, messages, plainName(field) === expected)
}

/** Some JSON names differ from the protobuf names in case and punctuation only. */
function plainName(field: string): string {
  return field.toLowerCase().replace(/[^a-z0-9]/g, '')
}
