import type { LogOptions } from '../logs/read-logs.ts'

/** What a request for logs asks for (PodLogOptions as a query). */
export interface LogQuery extends LogOptions {
  readonly previous: boolean
}

/** Throws for a query that makes no sense. `nowMs`: wall-clock time, for `sinceSeconds`. */
export function parseLogQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const tail = query.get('tail') ?? query.get('tailLines')
  const sinceSeconds = whole(query, 'sinceSeconds')
  const sinceTime = query.get('sinceTime')
  const since = sinceTime === null ? Number.NaN : Date.parse(sinceTime)
  if (sinceTime !== null && Number.isNaN(since)) throw new Error('Unable to decode query.')
  const isBoth = sinceSeconds !== undefined && sinceTime !== null
  if (isBoth || (sinceSeconds !== undefined && sinceSeconds < 1))
    throw new Error('Invalid request.')
  const limitBytes = whole(query, 'limitBytes')
  if (limitBytes !== undefined && limitBytes < 1) throw new Error('Invalid request.')
  const sinceMs = sinceSeconds === undefined ? since : nowMs - sinceSeconds * 1000
  const stream = query.get('stream') ?? 'All'
  if (!['All', 'Stdout', 'Stderr'].includes(stream)) throw new Error('Invalid request.')
  return {
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    tailLines: tail === null || tail === 'all' ? undefined : count(tail),
    limitBytes,
    sinceMs: Number.isNaN(sinceMs) ? undefined : sinceMs,
    ...(stream !== 'All' && { stream: stream.toLowerCase() as 'stdout' | 'stderr' }),
  }
}

function whole(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  return text === null ? undefined : count(text)
}

function count(text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new Error('Unable to decode query.')
  return Number(text)
}

function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  return text !== null && text !== 'false' && text !== '0'
}
