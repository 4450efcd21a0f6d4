import {
  bytes,
  fixed64,
  int64,
  many,
  message,
  one,
  oneOf,
  optionalBool,
  optionalDouble,
  optionalInt64,
  optionalString,
  string,
} from '../protobuf/message.ts'

/*
 * The part of OpenTelemetry's protocol (opentelemetry-proto 1.x) that traces take. Names are those
 * of the fields, in our case.
 */

const anyValue = message('AnyValue', {
  stringValue: optionalString(1),
  boolValue: optionalBool(2),
  intValue: optionalInt64(3),
  doubleValue: optionalDouble(4),
})

const keyValue = message('KeyValue', { key: string(1), value: one(2, anyValue) })

const event = message('Span.Event', {
  timeUnixNano: fixed64(1),
  name: string(2),
  attributes: many(3, keyValue),
})

const link = message('Span.Link', {
  traceId: bytes(1),
  spanId: bytes(2),
  traceState: string(3),
})

const status = message('Status', {
  message: string(2),
  code: oneOf(3, ['UNSET', 'OK', 'ERROR']),
})

/** One span. */
export const span = message('Span', {
  traceId: bytes(1),
  spanId: bytes(2),
  traceState: string(3),
  parentSpanId: bytes(4),
  name: string(5),
  kind: oneOf(6, ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']),
  startTimeUnixNano: fixed64(7),
  endTimeUnixNano: fixed64(8),
  attributes: many(9, keyValue),
  events: many(11, event),
  links: many(13, link),
  status: one(15, status),
})

const scope = message('InstrumentationScope', { name: string(1), version: string(2) })

const resource = message('Resource', { attributes: many(1, keyValue) })

const scopeSpans = message('ScopeSpans', { scope: one(1, scope), spans: many(2, span) })

const resourceSpans = message('ResourceSpans', {
  resource: one(1, resource),
  scopeSpans: many(2, scopeSpans),
})

export const exportRequest = message('ExportTraceServiceRequest', {
  resourceSpans: many(1, resourceSpans),
})

const partialSuccess = message('ExportTracePartialSuccess', {
  rejectedSpans: int64(1),
  errorMessage: string(2),
})

export const exportResponse = message('ExportTraceServiceResponse', {
  partialSuccess: one(1, partialSuccess),
})
