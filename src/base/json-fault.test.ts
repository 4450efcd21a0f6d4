import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonFault } from './json-fault.ts'

test('what is wrong with a text is told as Go tells it', () => {
  const faults: Readonly<Record<string, string>> = {
    '': 'unexpected end of JSON input',
    '{': 'unexpected end of JSON input',
    '[1,2': 'unexpected end of JSON input',
    '"a': 'unexpected end of JSON input',
    hello: "invalid character 'h' looking for beginning of value",
    '{"a":1}}': "invalid character '}' after top-level value",
    '{"a" 1}': "invalid character '1' after object key",
    "{'a'}": "invalid character '\\'' looking for beginning of object key string",
    '{"a":1,}': "invalid character '}' looking for beginning of object key string",
    '{"a":tru}': "invalid character '}' in literal true (expecting 'e')",
    '{"a":01}': "invalid character '1' after object key:value pair",
    '[1 2]': "invalid character '2' after array element",
    '["\\q"]': "invalid character 'q' in string escape code",
    '["\\u12x"]': "invalid character 'x' in \\u hexadecimal character escape",
    '["a\nb"]': "invalid character '\\n' in string literal",
    '[1.]': "invalid character ']' after decimal point in numeric literal",
    '[1e]': "invalid character ']' in exponent of numeric literal",
    '[-]': "invalid character ']' in numeric literal",
    '[ä]': "invalid character 'Ã' looking for beginning of value",
  }
  for (const [text, fault] of Object.entries(faults)) assert.equal(jsonFault(text), fault, text)
})

test('nothing is wrong with JSON, however deep', () => {
  for (const text of [
    ' {"a":[1,-2.5e+3,{"b":null}],"c":{},"d":[],"e":"\\u00e9\\n"} ',
    'true',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  ]) {
    assert.equal(jsonFault(text), undefined)
  }
})
