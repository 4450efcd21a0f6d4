import { parseTraceparent } from '../../base/tracing/span-context.ts'
import type { Tracer } from '../../base/tracing/tracer.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { type Filter, heard } from '../handler.ts'
import type { ServerRequest } from '../request.ts'
import { RequestTrace } from './request-trace.ts'
import { routeOf, serverAttributes, verbAttributes } from './span-attributes.ts'

/** Whose callers decide what is recorded, as upstream: of others their spans are only mentioned. */
const TRUSTED_GROUPS = ['system:masters', 'system:monitoring']

/**
 * Makes each request that has been authenticated a span, as upstream's WithTracing: a part of its
 * caller's where that may be believed, else a trace of its own. Whatever the request leads to is
 * part of it, recorded or not.
 */
export function traceRequests(tracer: Tracer): Filter {
  return (request, next) => {
    const span = tracer.startTrace(routeOf(request), {
      kind: 'SERVER',
      ...originOf(request, tracer),
    })
    if (!span.isRecording) {
      return tracer.run(span, () => heard(request, next, () => span.end()))
    }
    span.setAttributes(serverAttributes(request))
    const trace = new RequestTrace(request, span, tracer)
    request.trace = trace
    return tracer.run(span, () => {
      if (!request.isInProcess) return next(request)
      // Nobody writes its answer: the request is over when that is there.
      return heard(request, next, (response, error) => {
        const code = error instanceof StatusError ? error.code : 500
        trace.beginAnswer(response ?? { type: 'stream', code, headers: {}, body: NOTHING })
        trace.end()
      })
    })
  }
}

const NOTHING: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => assertUnread() }

function assertUnread(): never {
  throw new Error('the answer of a request in this process was read')
}

function originOf(request: ServerRequest, tracer: Tracer) {
  const { headers, user } = request
  const caller = parseTraceparent(headers['traceparent'], headers['tracestate'])
  if (caller === undefined) return { parent: tracer.active?.context }
  const isTrusted = user?.groups.some((group) => TRUSTED_GROUPS.includes(group)) === true
  return isTrusted ? { parent: caller } : { links: [caller] }
}

/** Makes the verb of a recorded request a part of its span, under upstream's name. */
export function traceVerbs(tracer: Tracer): Filter {
  return (request, next) => {
    const { trace } = request
    const name = trace && verbSpanOf(request)
    if (trace === undefined || name === undefined) return next(request)
    const span = trace.beginVerb(name, verbAttributes(request))
    return tracer.run(span, () => next(request))
  }
}

const NAMES: Readonly<Record<string, string>> = {
  get: 'Get',
  list: 'List',
  create: 'Create',
  update: 'Update',
  patch: 'Patch',
  delete: 'Delete',
  deletecollection: 'Delete',
}

/** What connects to something else is no verb upstream. */
const CONNECTING: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy'])

function verbSpanOf({ info, query }: ServerRequest): string | undefined {
  if (!info.isResourceRequest || CONNECTING.has(info.subresource)) return undefined
  if (info.verb !== 'watch') return NAMES[info.verb]
  return query.get('sendInitialEvents') === 'true' ? 'WatchList' : undefined
}
