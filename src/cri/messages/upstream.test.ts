import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { AnyField, MessageType } from '../../base/protobuf/message.ts'
import * as methods from '../grpc/methods.ts'

const FILE = '../shared/upstream/cri-v1.json'
const skip = existsSync(FILE) ? false : `${FILE} is not there`

interface UpstreamField {
  readonly type: string
  readonly id: number
  readonly rule?: string
  readonly keyType?: string
  readonly options?: { readonly deprecated?: boolean }
}

interface UpstreamType {
  readonly fields?: Readonly<Record<string, UpstreamField>>
  readonly values?: Readonly<Record<string, number>>
  readonly methods?: Readonly<
    Record<string, { requestType: string; responseType: string; responseStream?: boolean }>
  >
  readonly nested?: Readonly<Record<string, UpstreamType>>
}

const types: Readonly<Record<string, UpstreamType>> = skip
  ? {}
  : JSON.parse(readFileSync(FILE, 'utf8')).nested.runtime.nested.v1.nested

/** No Windows nodes. */
const isLeftOut = (field: UpstreamField) =>
  field.type.startsWith('Windows') || field.options?.deprecated === true

/** Reads as a TypeScript name: `CDI_devices` → `cdiDevices`, `Full` → `full`. */
const ownName = (name: string) => {
  const camel = name
    .replace(/^CDI_/, 'cdi_')
    .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return camel.charAt(0).toLowerCase() + camel.slice(1)
}

test('every message has upstream’s fields, numbers and types', { skip }, () => {
  const seen = new Set<MessageType>()
  const visit = (type: MessageType) => {
    if (seen.has(type)) return
    seen.add(type)
    assert.deepEqual(ownFields(type), upstreamFields(type.name), type.name)
    for (const field of Object.values(type.fields)) if (field.message) visit(field.message)
  }
  for (const { request, answer } of Object.values(methods)) {
    visit(request)
    visit(answer)
  }
  assert.ok(seen.size > 100, `${seen.size} messages were compared`)
})

test('every enumeration has upstream’s names in order', { skip }, () => {
  const check = (type: MessageType) => {
    for (const [name, field] of Object.entries(type.fields)) {
      if (field.message) check(field.message)
      if (field.type !== 'enum') continue
      const upstream = Object.entries(types[type.name]?.fields ?? {}).find(
        ([key]) => ownName(key) === name,
      )?.[1].type
      const values =
        types[upstream ?? '']?.values ?? types[type.name]?.nested?.[upstream ?? '']?.values
      assert.deepEqual(Object.fromEntries((field.values ?? []).map((v, i) => [v, i])), values)
    }
  }
  for (const { request, answer } of Object.values(methods)) {
    check(request)
    check(answer)
  }
})

test('every call exists upstream with these messages', { skip }, () => {
  for (const { path, request, answer } of Object.values(methods)) {
    const [, service, name] = path.match(/^\/runtime\.v1\.(\w+)\/(\w+)$/) ?? []
    const upstream = types[service ?? '']?.methods?.[name ?? '']
    assert.equal(upstream?.requestType, request.name, path)
    assert.equal(upstream?.responseType, answer.name, path)
  }
})

function upstreamFields(name: string): Record<string, string> {
  const fields = Object.entries(types[name]?.fields ?? assert.fail(`${name} is not upstream's`))
  return Object.fromEntries(
    fields
      .filter(([, field]) => !isLeftOut(field))
      .map(([key, { id, type, rule, keyType }]) => {
        const label = keyType !== undefined ? `map<${keyType}>` : (rule ?? 'single')
        const isEnum = types[type]?.values ?? types[name]?.nested?.[type]?.values
        return [ownName(key), `${id} ${label} ${isEnum ? 'enum' : type}`]
      }),
  )
}

function ownFields({ fields }: MessageType): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      `${field.number} ${field.label === 'map' ? 'map<string>' : field.label} ${typeOf(field)}`,
    ]),
  )
}

function typeOf({ type, isBoxed, message }: AnyField): string {
  if (message !== undefined) return message.name
  if (isBoxed) return type === 'int64' ? 'Int64Value' : 'UInt64Value'
  return type === 'exactInt64' ? 'int64' : type
}
