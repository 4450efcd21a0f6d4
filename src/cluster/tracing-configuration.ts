import { readConfiguration } from '../apiserver/read-configuration.ts'
import { s } from '../machinery/schema.ts'

/** Where spans are sent, and of how many requests. */
export interface TracingConfiguration {
  /** As gRPC names it. */
  readonly endpoint: string
  readonly samplingRatePerMillion: number
}

const GROUP = 'apiserver.config.k8s.io'

const Fields = s.struct('TracingConfiguration', {
  endpoint: s.string().optional(),
  samplingRatePerMillion: s.int32().optional(),
})

const tracingSort = {
  apiVersions: [`${GROUP}/v1`, `${GROUP}/v1beta1`, `${GROUP}/v1alpha1`],
  kind: 'TracingConfiguration',
  schema: Fields,
}

/** Where a collector listens on the same machine. */
const DEFAULT_ENDPOINT = 'localhost:4317'
const MILLION = 1_000_000
const SCHEMES = ['dns', 'unix', 'unix-abstract']
const NAMING = 'https://github.com/grpc/grpc/blob/master/doc/naming.md'

/**
 * Reads upstream's TracingConfiguration. Without a rate nothing is recorded but what callers, who
 * may say so, record themselves. Rejects in upstream's words.
 */
export async function readTracingConfiguration(text: string): Promise<TracingConfiguration> {
  const { endpoint, samplingRatePerMillion: rate = 0 } = await readConfiguration(text, tracingSort)
  const errors = [...rateErrors(rate), ...endpointErrors(endpoint ?? DEFAULT_ENDPOINT)]
  if (errors.length > 0) {
    throw new Error(`failed to validate tracing configuration: ${errors.join(', ')}`)
  }
  const target = targetOf(endpoint ?? DEFAULT_ENDPOINT)
  return { endpoint: target, samplingRatePerMillion: rate }
}

function* rateErrors(rate: number): Iterable<string> {
  const invalid = `samplingRatePerMillion: Invalid value: ${rate}: sampling rate`
  if (rate < 0) yield `${invalid} must be positive`
  if (rate > MILLION) yield `${invalid} per million must be less than or equal to one million`
}

function* endpointErrors(endpoint: string): Iterable<string> {
  const scheme = schemeOf(endpoint)
  if (scheme === undefined || SCHEMES.includes(scheme)) return
  const why = `unsupported scheme: ${scheme}.  Options are none, ${SCHEMES.slice(0, -1).join(', ')}`
  yield `endpoint: Invalid value: ${JSON.stringify(endpoint)}: ${why}, or unix-abstract.  See ${NAMING}`
}

function schemeOf(endpoint: string): string | undefined {
  if (!endpoint.includes('//')) return undefined
  return endpoint.slice(0, Math.max(0, endpoint.indexOf(':')))
}

/** The library has no name for abstract sockets but the kernel's: they begin with a zero byte. */
function targetOf(endpoint: string): string {
  const [, abstract] = /^unix-abstract:(?:\/\/)?(.*)$/.exec(endpoint) ?? []
  return abstract === undefined ? endpoint : `unix:\0${abstract}`
}
