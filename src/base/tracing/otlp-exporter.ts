import type { Client } from '@grpc/grpc-js'
import type { Clock } from '../clock.ts'
import { decode, encode } from '../protobuf/codec.ts'
import type { Decoded, Given } from '../protobuf/message.ts'
import { requestOf } from './encode-spans.ts'
import { exportRequest, exportResponse } from './otlp-messages.ts'
import type { Attributes, EndedSpan } from './span.ts'

export interface OtlpExporterOptions {
  /** As gRPC names it: `localhost:4317`, `dns:///collector:4317`, `unix:///run/otel.sock`. */
  readonly endpoint: string
  /** Who tells of the spans. */
  readonly resource: Attributes
  readonly scope: string
  readonly clock: Clock
}

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
/** OpenTelemetry's default. */
const TIMEOUT_MS = 10_000

/**
 * Sends spans to a collector by OpenTelemetry's protocol over gRPC, without TLS, as upstream does.
 * The library is loaded with the first of them.
 */
export class OtlpExporter {
  readonly #options: OtlpExporterOptions
  #opened: ReturnType<typeof open> | undefined

  constructor(options: OtlpExporterOptions) {
    this.#options = options
  }

  async send(spans: readonly EndedSpan[]): Promise<void> {
    this.#opened ??= open(this.#options.endpoint)
    const { client, library } = await this.#opened
    const { clock } = this.#options
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest<Given<typeof exportRequest>, Decoded<typeof exportResponse>>(
        PATH,
        (value) => encode(exportRequest, value),
        (bytes) => decode(exportResponse, bytes),
        requestOf(spans, this.#options),
        new library.Metadata(),
        { deadline: clock.now() + TIMEOUT_MS },
        (error, answer) => {
          const { rejectedSpans = 0, errorMessage = '' } = answer?.partialSuccess ?? {}
          if (error !== null) reject(error)
          else if (rejectedSpans > 0) reject(new Error(`${rejectedSpans} refused: ${errorMessage}`))
          else resolve()
        },
      )
    })
  }

  async close(): Promise<void> {
    const opened = await this.#opened
    opened?.client.close()
  }
}

async function open(endpoint: string) {
  const library = await import('../grpc-library.ts')
  const client: Client = new library.Client(endpoint, library.credentials.createInsecure())
  return { client, library }
}
