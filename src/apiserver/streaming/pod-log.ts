import {
  type FieldErrors,
  FieldPath,
  forbidden,
  invalid,
  notSupported,
} from '../../machinery/field-error.ts'
import {
  badRequest,
  internalError,
  invalidObject,
  StatusError,
} from '../../machinery/status-error.ts'
import type { StreamResponse } from '../response.ts'
import type { SubresourceHandler } from '../verbs/dispatch.ts'
import { notAllowed } from '../verbs/routes.ts'
import type { KubeletTransport } from './kubelet-transport.ts'
import { containerOf, findNodeOf, findPod, isSet } from './pod-location.ts'
import { requestFailure, UnreachableError } from './reach-backend.ts'
import { readError } from './read-error.ts'
import { chooseStreamProtocol, streamOverWebSocket, wantsWebSocket } from './websocket-answer.ts'

const STREAMS = ['All', 'Stderr', 'Stdout']
const NUMBERS = ['sinceSeconds', 'tailLines', 'limitBytes']
const HEADERS = { 'content-type': 'text/plain' }

/** GET of `pods/NAME/log`: the kubelet's answer, as it comes. */
export function podLog(kubelets: KubeletTransport): SubresourceHandler {
  return async (request, resource, context) => {
    const { info, query, signal } = request
    if (info.verb !== 'get') throw notAllowed()
    const errors = [...validateLogOptions(query)]
    if (errors.length > 0)
      throw invalidObject({ group: '', kind: 'PodLogOptions' }, info.name, errors)
    const pod = await findPod(request, resource)
    const container = containerOf(pod, query.get('container') ?? '')
    if ((pod.spec.nodeName ?? '') === '') return emptyLog()
    const node = await findNodeOf(pod, context)
    const path = `/containerLogs/${info.namespace}/${info.name}/${container}${logQuery(query)}`
    const protocol = wantsWebSocket(request) ? chooseStreamProtocol(request) : undefined
    const stop = new AbortController()
    const until = protocol === undefined ? signal : AbortSignal.any([signal, stop.signal])
    const isUnverified = isSet(query, 'insecureSkipTLSVerifyBackend')
    const answer = await reachLog(
      kubelets.send(node, { method: 'GET', path, signal: until, isUnverified }),
    )
    if (answer.type === 'upgraded')
      throw internalError('the kubelet answered a log with an upgrade')
    if (answer.code >= 200 && answer.code < 207) {
      if (protocol !== undefined) {
        return streamOverWebSocket(request, protocol, answer.body, () => stop.abort())
      }
      return { type: 'stream', code: 200, headers: HEADERS, body: answer.body }
    }
    throw logFailure(answer.code, await readError(answer.body), info.name)
  }
}

async function reachLog<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    throw new StatusError('', requestFailure('GET', error), { cause: error })
  }
}

/** A pod that no node has been found for has printed nothing. */
function emptyLog(): StreamResponse {
  return { type: 'stream', code: 204, headers: {}, body: nothing() }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** With its question mark; sorted, as upstream's; nothing where nothing is asked for. */
function logQuery(query: URLSearchParams): string {
  const passed = new URLSearchParams()
  for (const flag of ['follow', 'previous', 'timestamps']) {
    if (isSet(query, flag)) passed.set(flag, 'true')
  }
  for (const name of [...NUMBERS, 'sinceTime']) {
    const value = query.get(name)
    if (value !== null) passed.set(name, value)
  }
  const stream = query.get('stream') ?? 'All'
  if (stream !== 'All') passed.set('stream', stream)
  passed.sort()
  return passed.size === 0 ? '' : `?${passed}`
}

/** What is wrong with the options, in upstream's words (ValidatePodLogOptions). */
function* validateLogOptions(query: URLSearchParams): FieldErrors {
  const root = FieldPath.root
  const whole = root.child('')
  const numbers = new Map<string, number>()
  for (const name of NUMBERS) {
    const text = query.get(name)
    if (text === null) continue
    if (!/^[+-]?\d+$/.test(text)) {
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
    }
    numbers.set(name, Number(text))
  }
  const tailLines = numbers.get('tailLines')
  if (tailLines !== undefined && tailLines < 0) {
    yield invalid(root.child('tailLines'), tailLines, 'must be greater than or equal to 0')
  }
  const limitBytes = numbers.get('limitBytes')
  if (limitBytes !== undefined && limitBytes < 1) {
    yield invalid(root.child('limitBytes'), limitBytes, 'must be greater than 0')
  }
  const sinceSeconds = numbers.get('sinceSeconds')
  if (sinceSeconds !== undefined && query.has('sinceTime')) {
    yield forbidden(whole, 'at most one of `sinceTime` or `sinceSeconds` may be specified')
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    yield invalid(root.child('sinceSeconds'), sinceSeconds, 'must be greater than 0')
  }
  const stream = query.get('stream') ?? 'All'
  if (!STREAMS.includes(stream)) yield notSupported(root.child('stream'), stream, STREAMS)
  if (stream !== 'All' && tailLines !== undefined) {
    yield forbidden(whole, '`tailLines` and specific `stream` are mutually exclusive for now')
  }
}

/** The kubelet's refusal as the client of the API is told it. */
function logFailure(code: number, text: string, name: string): StatusError {
  if (code === 400) return badRequest(text)
  if (code === 500) return internalError(text)
  if (code === 404) {
    const message = `the server could not find the requested resource ( pods/log ${name})`
    const causes = [{ reason: 'UnexpectedServerResponse', message: text }]
    return new StatusError('NotFound', message, { details: { name, kind: 'pods/log', causes } })
  }
  return new StatusError('InternalError', text, { code, details: { name, kind: 'pods/log' } })
}
