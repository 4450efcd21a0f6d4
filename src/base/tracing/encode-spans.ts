import type { Given } from '../protobuf/message.ts'
import type { exportRequest, span as spanMessage } from './otlp-messages.ts'
import type { Attributes, EndedSpan } from './span.ts'
import type { SpanContext } from './span-context.ts'

/** Spans as they are sent, with what they have in common: who tells of them. */
export function requestOf(
  spans: readonly EndedSpan[],
  { resource, scope }: { readonly resource: Attributes; readonly scope: string },
): Given<typeof exportRequest> {
  const scopeSpans = [{ scope: { name: scope }, spans: spans.map(givenOf) }]
  return { resourceSpans: [{ resource: { attributes: listOf(resource) }, scopeSpans }] }
}

function givenOf(span: EndedSpan): Given<typeof spanMessage> {
  const { context, parentSpanId, name, kind, startMs, endMs, attributes, events, error } = span
  return {
    ...idsOf(context),
    ...(parentSpanId !== undefined && { parentSpanId: fromHex(parentSpanId) }),
    ...{ name, kind },
    startTimeUnixNano: nanosOf(startMs),
    endTimeUnixNano: nanosOf(endMs),
    attributes: listOf(attributes),
    events: events.map((event) => ({
      timeUnixNano: nanosOf(event.timeMs),
      name: event.name,
      attributes: listOf(event.attributes),
    })),
    links: span.links.map(idsOf),
    ...(error !== undefined && { status: { code: 'ERROR' as const, message: error } }),
  }
}

function idsOf({ traceId, spanId, traceState }: SpanContext) {
  return { traceId: fromHex(traceId), spanId: fromHex(spanId), traceState }
}

function listOf(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValueOf(value) }))
}

function anyValueOf(value: string | number | boolean) {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value }
}

function fromHex(text: string): Uint8Array {
  return Buffer.from(text, 'hex')
}

/** A number has 53 bits, of which milliseconds leave 12 to parts of one. */
function nanosOf(ms: number): bigint {
  const whole = Math.floor(ms)
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6))
}
