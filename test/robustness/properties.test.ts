import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeProtobuf } from '../../src/apiserver/protobuf/api-protobuf.ts'
import { decodeProtobuf } from '../../src/apiserver/protobuf/decode-protobuf.ts'
import { JsonSyntaxError, parseJson, stringifyJson } from '../../src/base/json.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { CodecError, decodeJson } from '../../src/machinery/codec/json.ts'
import { decodeYaml } from '../../src/machinery/codec/yaml.ts'
import { writeYaml } from '../../src/machinery/codec/yaml-writer.ts'
import { decodeObject } from '../../src/machinery/decode.ts'
import {
  escapeFieldValue,
  FieldSelectorError,
  parseFieldSelector,
} from '../../src/machinery/field-selector.ts'
import { parseLabelSelector, SelectorError } from '../../src/machinery/label-selector.ts'
import { applyJsonPatch } from '../../src/machinery/patch/json-patch.ts'
import { applyMergePatch } from '../../src/machinery/patch/merge-patch.ts'
import { PatchError } from '../../src/machinery/patch/patch-error.ts'
import { StatusError } from '../../src/machinery/status-error.ts'
import { type NaiveOperation, naiveJsonPatch, naiveMergePatch } from '../support/naive-patch.ts'

/** The same cases in every run; a failure prints its own. */
const SEED = 20_260_101
const check = (runs: number) => ({ seed: SEED, numRuns: runs })

/** As another program would have sent it: without -0, and without integers beyond 64 bits. */
const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value) => stringifyJson(value))
  .filter((text) => !/[0-9]{19}/.test(text))
  .map(parseJson)
const word = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor')

test('JSON that was written is read again, with integers of any size', () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(json, fc.bigInt({ min: 2n ** 54n, max: 2n ** 63n }), tie('list'), tie('map')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    map: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  })).value
  fc.assert(
    fc.property(value, (given) => {
      assert.deepEqual(parseJson(stringifyJson(given)), given)
    }),
    check(500),
  )
})

test('YAML that was written is read again', () => {
  fc.assert(
    fc.property(json, (given) => {
      assert.deepEqual(decodeYaml(writeYaml(given)).value, given)
    }),
    check(1000),
  )
})

test('what looks like another type is quoted in YAML', () => {
  const odd = fc.constantFrom(
    ...[
      'null',
      '~',
      '',
      'yes',
      'NO',
      'on',
      'true',
      '1',
      '0x1F',
      '0o7',
      '07',
      '1_000',
      '1e3',
      '.inf',
    ],
    ...[
      '-',
      '- a',
      ': b',
      'a: b',
      '#c',
      'a #b',
      '&a',
      '*a',
      '!b',
      '|',
      '>',
      '%',
      '@',
      '`',
      '<<',
      '=',
    ],
    ...[
      '2001-01-01',
      '1:30',
      '190:20:30',
      ' a',
      'a ',
      '\n',
      'a\nb',
      '\t',
      '\u0085',
      '\u2028',
      '\uFEFF',
    ],
  )
  // Upstream writes it plain, too, and reads it as an order to merge.
  const oddKey = odd.filter((text) => text !== '<<')
  fc.assert(
    fc.property(oddKey, fc.array(odd, { maxLength: 3 }), (key, list) => {
      const given = { [key]: list }
      assert.deepEqual(decodeYaml(writeYaml(given)).value, given)
    }),
    check(1000),
  )
})

/** A pod with some of its fields, as a client would send it. */
const pod = fc.record({
  metadata: fc.record(
    {
      name: fc.stringMatching(/^[a-z]{1,10}$/),
      labels: fc.dictionary(word, fc.string(), { maxKeys: 3, noNullPrototype: true }),
      generation: fc.integer({ min: 1 }),
    },
    { requiredKeys: ['name'], noNullPrototype: true },
  ),
  spec: fc.record({
    containers: fc.array(
      fc.record(
        {
          name: fc.string({ minLength: 1 }),
          image: fc.string({ minLength: 1 }),
          args: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
          ports: fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 65_535 }) }), {
            minLength: 1,
            maxLength: 2,
          }),
        },
        { requiredKeys: ['name', 'image'], noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
  }),
})

test('a pod in protobuf is the same pod', () => {
  fc.assert(
    fc.property(pod, (given) => {
      const { value } = decodeObject(Pod, given)
      const back = decodeObject(Pod, decodeProtobuf(encodeProtobuf(value), Pod.schema)).value
      assert.deepEqual(back, value)
    }),
    check(300),
  )
})

/** What a decoder may throw: anything else would be a 500. */
function mayThrow(run: () => unknown, ...kinds: readonly (new (...args: never[]) => Error)[]) {
  try {
    run()
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error
  }
}

test('decoders refuse noise, and never break', () => {
  const start = encodeProtobuf(decodeObject(Pod, { metadata: { name: 'a' }, spec: {} }).value)
  const cuts = fc.array(fc.tuple(fc.nat(start.length - 1), fc.nat(255)), { maxLength: 8 })
  fc.assert(
    fc.property(cuts, fc.nat(start.length), (changes, length) => {
      const bytes = Buffer.from(start.subarray(0, length))
      for (const [at, byte] of changes) if (at < length) bytes[at] = byte
      mayThrow(() => decodeObject(Pod, decodeProtobuf(bytes, Pod.schema)), StatusError)
    }),
    check(2000),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      mayThrow(() => decodeJson(bytes, { findDuplicates: true }), JsonSyntaxError, CodecError)
      mayThrow(() => decodeProtobuf(bytes, Pod.schema), StatusError)
    }),
    check(1000),
  )
  const marks = fc.constantFrom(...'[]{}:,-?&*!|>\'"%@`#\n \t~<a1'.split(''))
  fc.assert(
    fc.property(fc.array(marks, { maxLength: 40 }), (characters) => {
      mayThrow(() => decodeYaml(characters.join(''), { findDuplicates: true }), CodecError)
    }),
    check(3000),
  )
})

test('an object of any shape is decoded or refused', () => {
  const wrong = fc.object({ key: fc.constantFrom('metadata', 'spec', 'containers', 'name', 'x') })
  fc.assert(
    fc.property(wrong, (given) => mayThrow(() => decodeObject(Pod, given), StatusError)),
    check(2000),
  )
})

const document = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.integer({ max: 9 }), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
})).map
const token = fc.constantFrom('a', 'b', 'c', 'd', '0', '1', '-1', '-', '-3')
const path = fc.array(token, { minLength: 1, maxLength: 3 }).map((keys) => `/${keys.join('/')}`)
const operation: fc.Arbitrary<NaiveOperation> = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'copy', 'test'),
  path,
  from: path,
  value: fc.oneof(fc.integer({ max: 9 }), document),
})

test('a JSON patch does what a naive one does, and leaves the document alone', () => {
  let applied = 0
  fc.assert(
    fc.property(document, fc.array(operation, { minLength: 1, maxLength: 8 }), (given, all) => {
      // What does not apply to what came before is left out, or few would be long.
      const patch: NaiveOperation[] = []
      let wanted: unknown = given
      for (const one of all) {
        const outcome = attempt(() => naiveJsonPatch(wanted, [one]))
        const own = attempt(() => applyJsonPatch(wanted, [{ ...one }]))
        assert.equal(own === undefined, outcome === undefined, JSON.stringify([wanted, one]))
        if (outcome === undefined) continue
        patch.push(one)
        wanted = outcome
      }
      const before = structuredClone(given)
      const result = applyJsonPatch(
        deepFrozen(given),
        patch.map((one) => ({ ...one })),
      )
      assert.deepEqual(result, wanted)
      assert.deepEqual(given, before)
      applied += patch.length
    }),
    check(3000),
  )
  assert.ok(applied > 1500, `only ${applied} operations could be applied`)
})

function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    if (error instanceof PatchError || (error as Error).constructor === Error) return undefined
    throw error
  }
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFrozen(item)
    Object.freeze(value)
  }
  return value
}

test('a merge patch does what RFC 7386 says', () => {
  const withNulls = fc.object({
    key: fc.constantFrom('a', 'b', 'c'),
    values: [fc.constant(null), fc.integer(), fc.string()],
    maxDepth: 3,
  })
  fc.assert(
    fc.property(document, withNulls, (given, patch) => {
      assert.deepEqual(applyMergePatch(deepFrozen(given), patch), naiveMergePatch(given, patch))
    }),
    check(2000),
  )
})

const key = fc.stringMatching(/^[a-c]([-._a-c]{0,3}[a-c])?$/)
const value = fc.stringMatching(/^([A-C0-2]([-._A-C]{0,3}[0-2])?)?$/)

test('a label selector says what it means, and is read as it is written', () => {
  const term = fc.oneof(
    key,
    key.map((one) => `!${one}`),
    fc
      .tuple(key, fc.constantFrom('=', '==', '!=', ' = ', ' != '), value)
      .map((all) => all.join('')),
    fc
      .tuple(key, fc.constantFrom('in', 'notin'), fc.array(value, { minLength: 1, maxLength: 3 }))
      .map(([name, operator, values]) => `${name} ${operator} (${values.join(', ')})`),
    fc.tuple(key, fc.constantFrom('<', '>'), fc.nat(9)).map((all) => all.join('')),
  )
  const labels = fc.dictionary(key, fc.oneof(value, fc.nat(9).map(String)), { maxKeys: 4 })
  fc.assert(
    fc.property(fc.array(term, { maxLength: 4 }), labels, (terms, own) => {
      const selector = parseLabelSelector(terms.join(','))
      const again = parseLabelSelector(selector.toString())
      assert.deepEqual(again.requirements, selector.requirements)
      assert.equal(
        selector.matches(own),
        terms.every((one) => holds(one, own)),
        `${terms.join(',')} for ${JSON.stringify(own)}`,
      )
    }),
    check(3000),
  )
})

/** What one term demands, read in the simplest way. */
function holds(term: string, labels: Readonly<Record<string, string>>): boolean {
  const [, negation, name = '', rest = ''] = /^(!?)([-._a-z]+?)(| *[!=<>].*| (?:not)?in .*)$/.exec(
    term,
  ) as RegExpExecArray
  const own = Object.hasOwn(labels, name) ? labels[name] : undefined
  if (rest === '') return (own !== undefined) === (negation === '')
  const [, operator = '', list = ''] = /^ *(==|!=|[=<>]|notin|in) *(.*)$/.exec(
    rest,
  ) as RegExpExecArray
  const values = list.replace(/[()]/g, '').split(',')
  const isAmong = own !== undefined && values.some((one) => one.trim() === own)
  if (operator === '<' || operator === '>') {
    if (own === undefined || !/^[0-9]+$/.test(own)) return false
    return operator === '<' ? Number(own) < Number(list) : Number(own) > Number(list)
  }
  return operator === '!=' || operator === 'notin' ? !isAmong : isAmong
}

test('a field selector takes any value', () => {
  const field = fc.constantFrom('metadata.name', 'spec.nodeName')
  const terms = fc.array(fc.tuple(field, fc.constantFrom('=', '!='), fc.string()), { maxLength: 3 })
  fc.assert(
    fc.property(terms, fc.string(), (all, own) => {
      const text = all.map(([name, operator, one]) => name + operator + escapeFieldValue(one))
      const selector = parseFieldSelector(text.join(','))
      assert.deepEqual(parseFieldSelector(selector.toString()), selector)
      const wanted = all.every(([, operator, one]) => (one === own) === (operator === '='))
      assert.equal(
        selector.matches(undefined, () => own),
        wanted,
      )
    }),
    check(1000),
  )
})

test('selectors refuse noise, and never break', () => {
  const marks = fc.constantFrom(...'ab=!,()<> \\\0'.split(''), ' in ', ' notin ', '==', '!=', 'é')
  fc.assert(
    fc.property(fc.array(marks, { maxLength: 20 }), (characters) => {
      const text = characters.join('')
      mayThrow(() => {
        const selector = parseLabelSelector(text)
        assert.deepEqual(
          parseLabelSelector(selector.toString()).requirements,
          selector.requirements,
          text,
        )
      }, SelectorError)
      mayThrow(() => parseFieldSelector(text), FieldSelectorError)
    }),
    check(3000),
  )
})
