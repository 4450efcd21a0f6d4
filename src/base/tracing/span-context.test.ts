import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTraceparent, traceHeaders } from './span-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

test('a caller is read from its header and told on in the same form', () => {
  const caller = parseTraceparent(`00-${TRACE}-${SPAN}-01`, 'a=b,c=d')
  assert.deepEqual(caller, {
    ...{ traceId: TRACE, spanId: SPAN, isSampled: true },
    traceState: 'a=b,c=d',
  })
  assert.deepEqual(caller && traceHeaders(caller), {
    traceparent: `00-${TRACE}-${SPAN}-01`,
    tracestate: 'a=b,c=d',
  })
  const other = parseTraceparent(`00-${TRACE}-${SPAN}-02`, '')
  assert.deepEqual(other && traceHeaders(other), { traceparent: `00-${TRACE}-${SPAN}-00` })
  assert.equal(parseTraceparent(`cc-${TRACE}-${SPAN}-09-more`, undefined)?.isSampled, true)
})

test('what cannot be a caller is none', () => {
  for (const header of [
    ...[undefined, '', 'x', `00-${TRACE}-${SPAN}`, `00-${TRACE}-${SPAN}-01-more`],
    ...[`00-${TRACE.toUpperCase()}-${SPAN}-01`, `00-${TRACE}-${SPAN}-03`, `ff-${TRACE}-${SPAN}-01`],
    ...[`00-${'0'.repeat(32)}-${SPAN}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`],
  ]) {
    assert.equal(parseTraceparent(header, undefined), undefined, header)
  }
})
