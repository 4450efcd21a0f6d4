import type { ComponentCheck, ComponentHealth } from '../apiserver/component-statuses.ts'
import { networkErrorText } from '../apiserver/webhooks/network-error.ts'
import type { Clock } from '../base/clock.ts'
import type { SendRequest } from '../base/http-backend.ts'

/** Where upstream's components answer for their health, and ours. */
const PORTS = { scheduler: 10259, 'controller-manager': 10257 } as const
const HOST = '127.0.0.1'
const PATH = '/healthz'
const TIMEOUT_MS = 20_000
/** More of an answer is not shown. */
const MOST_BYTES = 10 * 1024

/**
 * How an API server alone asks the components that are other processes of this machine, by the
 * names that upstream has for them. Their certificates are their own: anyone's will do.
 */
export function componentProbes(
  send: SendRequest,
  clock: Clock,
): ReadonlyMap<string, ComponentCheck> {
  const checks = Object.entries(PORTS).map(
    ([name, port]) => [name, () => probe(send, clock, port)] as const,
  )
  return new Map(checks)
}

/** What cannot be reached says so in its message; only what cannot be read is an error. */
async function probe(send: SendRequest, clock: Clock, port: number): Promise<ComponentHealth> {
  const end = new AbortController()
  const timer = clock.after(TIMEOUT_MS, () => end.abort())
  try {
    const { code, text } = await ask(send, port, end.signal)
    if (code >= 200 && code < 300) return { status: 'True', message: text }
    if (code >= 300 && code < 400) {
      const message = `Probe terminated redirects, Response body: ${text}`
      return { status: 'Unknown', message }
    }
    return { status: 'False', message: `HTTP probe failed with statuscode: ${code}` }
  } catch (error) {
    const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    const attempted = { host: HOST, port, serverName: HOST, now: clock.now() }
    const why = end.signal.aborted ? late : networkErrorText(error, attempted)
    return { status: 'False', message: `Get "https://${HOST}:${port}${PATH}": ${why}` }
  } finally {
    timer[Symbol.dispose]()
  }
}

async function ask(
  send: SendRequest,
  port: number,
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly text: string }> {
  const headers = { 'User-Agent': 'kube-probe/1.36', Accept: '*/*', Connection: 'close' }
  const target = { host: HOST, port, tls: {} }
  const answer = await send(target, { method: 'GET', path: PATH, headers, signal })
  if (answer.type === 'upgraded') {
    answer.socket.destroy()
    return { code: 101, text: '' }
  }
  const parts: Buffer[] = []
  let length = 0
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    parts.push(part.subarray(0, MOST_BYTES - length))
    length += part.length
    if (length >= MOST_BYTES) break
  }
  return { code: answer.code, text: Buffer.concat(parts).toString('utf8') }
}
