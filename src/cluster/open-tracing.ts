import { OtlpExporter } from '../base/tracing/otlp-exporter.ts'
import { SpanBatch } from '../base/tracing/span-batch.ts'
import { Tracer } from '../base/tracing/tracer.ts'
import type { ServerOptions } from './cluster-options.ts'
import type { Egress } from './egress/open-egress.ts'
import { readTracingConfiguration } from './tracing-configuration.ts'

/** What records requests, and what ends that: spans that are left are sent. */
export interface OpenedTracing {
  readonly tracer: Tracer
  close(): Promise<void>
}

/** Upstream's names of who tells of the spans. */
const SERVICE = 'apiserver'
const SCOPE = 'k8s.io/component-base/tracing'

/** As `--tracing-config-file` says; undefined without it. */
export async function openTracing(
  { clock, random, logger, files, serving = {} }: ServerOptions,
  serverId: string,
  egress: Egress,
): Promise<OpenedTracing | undefined> {
  const { tracingConfigFile: path } = serving
  if (path === undefined) return undefined
  const text = Buffer.from(await files.readFile(path)).toString()
  const { endpoint: given, samplingRatePerMillion } = await readTracingConfiguration(text).catch(
    (cause) => {
      throw new Error(`--tracing-config-file ${path}: ${(cause as Error).message}`, { cause })
    },
  )
  const endpoint = await endpointBy(egress, given)
  const resource = { 'service.name': SERVICE, 'service.instance.id': serverId }
  const exporter = new OtlpExporter({ endpoint, resource, scope: SCOPE, clock })
  const batch = new SpanBatch({ send: (spans) => exporter.send(spans), clock, logger })
  const tracer = new Tracer({
    ...{ samplingRatePerMillion, clock, random },
    onEnded: (span) => batch.add(span),
  })
  return {
    tracer,
    close: async () => {
      await batch.close()
      await exporter.close()
    },
  }
}

/** As upstream, the collector belongs to the control plane's network. */
async function endpointBy(egress: Egress, endpoint: string): Promise<string> {
  const [, host, port] = /^(?:dns:\/{0,3})?\[?([^/[\]]+?)\]?:(\d+)$/.exec(endpoint) ?? []
  if (host === undefined) return endpoint
  const path = await egress.relay('controlplane', { host, port: Number(port) })
  return path === undefined ? endpoint : `unix://${path}`
}
