import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quoteGo } from './go-quote.ts'

test('texts are quoted as Go quotes them', () => {
  const cases: readonly [string, string][] = [
    ['a "b" \\c', '"a \\"b\\" \\\\c"'],
    ['é 日本 <&>', '"é 日本 <&>"'],
    ['\u0007\b\t\n\u000b\f\r', '"\\a\\b\\t\\n\\v\\f\\r"'],
    ['a\u0001b\u007f', '"a\\x01b\\x7f"'],
    ['\u00a0\u200b\ufeff"', '"\\u00a0\\u200b\\ufeff\\""'],
    ['\u{e0001}', '"\\U000e0001"'],
  ]
  for (const [text, quoted] of cases) assert.equal(quoteGo(text), quoted)
})
