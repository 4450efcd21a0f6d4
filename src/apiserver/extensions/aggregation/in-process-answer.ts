import { createInterface } from 'node:readline'
import type { BackendResponse } from '../../../base/http-backend.ts'
import { parseJson } from '../../../base/json.ts'
import type { WatchEvent } from '../../../client/client.ts'
import { StatusError } from '../../../machinery/status-error.ts'
import type { ServerRequest } from '../../request.ts'
import type { ServerResponse, WatchFrame } from '../../response.ts'

/** Another server's answer as values, for a caller in this process. */
export async function answerInProcess(
  { info }: ServerRequest,
  { code, headers, body }: BackendResponse,
): Promise<ServerResponse> {
  const isJson = (headers['content-type'] ?? '').startsWith('application/json')
  if (info.verb === 'watch' && code === 200) {
    return {
      type: 'watch',
      code: 200,
      contentType: 'application/json',
      batches: framesOf(createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })),
    }
  }
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  if (isJson) return { type: 'object', code, object: parseJson(text) }
  const status = new StatusError(code >= 500 ? 'InternalError' : '', text.trim(), { code })
  return { type: 'object', code, object: code >= 400 ? status.toStatus() : text }
}

async function* framesOf(lines: AsyncIterable<string>): AsyncIterable<readonly WatchFrame[]> {
  for await (const line of lines) {
    if (line === '') continue
    const event = parseJson(line) as WatchEvent
    yield [{ event, bytes: () => Buffer.from(`${line}\n`) }]
  }
}
