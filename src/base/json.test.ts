import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indentJson, parseJson, setOwn, stringifyJson } from './json.ts'

test('integers beyond 2^53 survive, everywhere in a document', () => {
  for (const text of [
    '{"a":9007199254740993}',
    '[1,-9223372036854775808]',
    '9223372036854775807',
    '{"a":[{"b":  12345678901234567890}],"c":"x\\"y\\\\","d":[],"e":{}}',
    '{"f":[12345678901234567890,true,false,null,1.5e3]}',
  ]) {
    const back = stringifyJson(parseJson(text))
    assert.equal(back, text.replaceAll(/: {2}/g, ':').replace('1.5e3', '1500'))
  }
  assert.equal(parseJson('{"a":0.12345678901234567}') instanceof Object, true)
})

test('both readers agree', () => {
  const text = '{"__proto__":{"x":1},"a":"\\u00e9\\n","b":[1,{"c":[]}],"constructor":2}'
  const plain = parseJson(text)
  const careful = (parseJson(`[${text},12345678901234567]`) as unknown[])[0]
  assert.equal(stringifyJson(careful), stringifyJson(plain))
  assert.ok(Object.hasOwn(careful as object, '__proto__'))
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
})

test('long strings do not exhaust the stack', () => {
  const value = { a: 'x"\\'.repeat(500_000), b: 2n ** 62n }
  assert.deepEqual(parseJson(stringifyJson(value)), value)
})

test('what is not JSON', () => {
  for (const text of ['', '{a:1}', '[1,]', '{"a":12345678901234567,}', 'nul']) {
    assert.throws(() => parseJson(text), { name: 'JsonSyntaxError' }, text)
  }
})

test('setOwn never touches the prototype', () => {
  const object: Record<string, unknown> = {}
  setOwn(object, '__proto__', { polluted: 1 })
  assert.equal(object['polluted'], undefined)
  assert.equal(JSON.stringify(object), '{"__proto__":{"polluted":1}}')
})

test('indented, with integers of any size', () => {
  const text = indentJson({ a: 2n ** 60n, b: [1, { c: -(2n ** 55n) }], d: {}, e: [] })
  assert.equal(
    text,
    '{\n  "a": 1152921504606846976,\n  "b": [\n    1,\n    {\n      "c": -36028797018963968\n' +
      '    }\n  ],\n  "d": {},\n  "e": []\n}',
  )
})
