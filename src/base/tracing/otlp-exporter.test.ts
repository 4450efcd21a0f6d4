import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { systemClock } from '../clock.ts'
import { OtlpExporter } from './otlp-exporter.ts'
import type { EndedSpan } from './span.ts'

/** What opentelemetry-proto says, as far as traces go. */
const { root } = protobuf.parse(`syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2;
    int64 int_value = 3; double double_value = 4; } }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Scope { string name = 1; string version = 2; }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
  message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; }
  message Status { string message = 2; int32 code = 3; }
  message Span { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3;
    bytes parent_span_id = 4; string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; repeated Event events = 11;
    repeated Link links = 13; Status status = 15; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Request { repeated ResourceSpans resource_spans = 1; }
  message Partial { int64 rejected_spans = 1; string error_message = 2; }
  message Response { Partial partial_success = 1; }`)

const span: EndedSpan = {
  context: {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    isSampled: true,
  },
  parentSpanId: '00f067aa0ba902b7',
  ...{ name: 'GET /api/v1/pods', kind: 'SERVER', startMs: 1_795_262_400_123.25 },
  endMs: 1_795_262_400_124,
  attributes: { text: '', flag: false, whole: 0, part: 0.5 },
  events: [{ name: 'found', timeMs: 1_795_262_400_123.5, attributes: { count: 2 } }],
  links: [{ traceId: 'f'.repeat(32), spanId: 'e'.repeat(16), isSampled: false }],
  error: 'broken',
}

test('a collector reads what is sent, and what it refuses is told', async () => {
  const received: unknown[] = []
  let answer = {}
  const server = new Server()
  server.register(
    '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    ({ request }: { request: unknown }, callback: (error: null, value: object) => void) => {
      received.push(request)
      callback(null, answer)
    },
    (value) =>
      Buffer.from(
        root
          .lookupType('Response')
          .encode(value as object)
          .finish(),
      ),
    (bytes) =>
      root.lookupType('Request').toObject(root.lookupType('Request').decode(bytes), {
        ...{ longs: String, bytes: String, oneofs: true },
      }),
    'unary',
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  const exporter = new OtlpExporter({
    ...{ endpoint: `127.0.0.1:${port}`, scope: 'here', clock: systemClock },
    resource: { 'service.name': 'apiserver' },
  })
  try {
    await exporter.send([span])
    answer = { partialSuccess: { rejectedSpans: 1, errorMessage: 'too old' } }
    await assert.rejects(exporter.send([span]), /1 refused: too old/)
  } finally {
    await exporter.close()
    server.forceShutdown()
  }
  const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
  const value = (of: string, given: unknown) => ({ value: of, [of]: given })
  assert.deepEqual(JSON.parse(JSON.stringify(received[0])), {
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'service.name', value: value('stringValue', 'apiserver') }],
        },
        scopeSpans: [
          {
            scope: { name: 'here' },
            spans: [
              {
                traceId: base64(span.context.traceId),
                spanId: base64(span.context.spanId),
                parentSpanId: base64('00f067aa0ba902b7'),
                ...{ name: 'GET /api/v1/pods', kind: 2 },
                startTimeUnixNano: '1795262400123250000',
                endTimeUnixNano: '1795262400124000000',
                attributes: [
                  { key: 'text', value: value('stringValue', '') },
                  { key: 'flag', value: value('boolValue', false) },
                  { key: 'whole', value: value('intValue', '0') },
                  { key: 'part', value: value('doubleValue', 0.5) },
                ],
                events: [
                  {
                    ...{ timeUnixNano: '1795262400123500000', name: 'found' },
                    attributes: [{ key: 'count', value: value('intValue', '2') }],
                  },
                ],
                links: [{ traceId: base64('f'.repeat(32)), spanId: base64('e'.repeat(16)) }],
                status: { message: 'broken', code: 2 },
              },
            ],
          },
        ],
      },
    ],
  })
})
