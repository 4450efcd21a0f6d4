/** What is told of a span to whoever is called on its behalf (W3C Trace Context). */
export interface SpanContext {
  /** 32 hexadecimal digits in lower case, not all 0. */
  readonly traceId: string
  /** 16 of them. */
  readonly spanId: string
  readonly isSampled: boolean
  /** What other systems want to find again; passed on as it came. */
  readonly traceState?: string | undefined
}

export interface TraceHeaders {
  readonly traceparent: string
  readonly tracestate?: string
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const SAMPLED = 1
/** Version 0 knows two flags, has nothing after them, and 255 is no version. */
const MOST_FLAGS = 2
const NO_VERSION = 'ff'
const MOST_TRACE_STATE = 512

/** The caller's span by its headers; undefined where there is none, or it cannot be one. */
export function parseTraceparent(
  traceparent: string | undefined,
  tracestate: string | undefined,
): SpanContext | undefined {
  if (traceparent === undefined) return undefined
  const [, version = '', traceId = '', spanId = '', flags = '', rest = ''] =
    TRACEPARENT.exec(traceparent) ?? []
  if (version === '' || version === NO_VERSION || /^0+$/.test(traceId) || /^0+$/.test(spanId)) {
    return undefined
  }
  const bits = Number.parseInt(flags, 16)
  if (version === '00' && (rest !== '' || bits > MOST_FLAGS)) return undefined
  const isKept = tracestate !== undefined && tracestate.length <= MOST_TRACE_STATE
  return {
    ...{ traceId, spanId, isSampled: (bits & SAMPLED) !== 0 },
    ...(isKept && tracestate !== '' && { traceState: tracestate }),
  }
}

/** The headers of a call on behalf of a span. */
export function traceHeaders({
  traceId,
  spanId,
  isSampled,
  traceState,
}: SpanContext): TraceHeaders {
  const traceparent = `00-${traceId}-${spanId}-0${isSampled ? SAMPLED : 0}`
  return traceState === undefined ? { traceparent } : { traceparent, tracestate: traceState }
}

/**
 * What those who record nothing tell whom they call on behalf of a request: of which trace it is,
 * as its caller has said it, and what goes with that.
 */
export function passedHeaders(
  caller: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const { traceparent, tracestate, baggage } = caller
  if (traceparent === undefined && baggage === undefined) return {}
  const context = parseTraceparent(traceparent, tracestate)
  return { ...(context && traceHeaders(context)), ...(baggage !== undefined && { baggage }) }
}
