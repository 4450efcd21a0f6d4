import type { Readable } from 'node:stream'
import { badRequest, type StatusError } from '../../machinery/status-error.ts'
import { MAX_BODY_BYTES, requestTooLarge } from '../request.ts'
import { MOST_DROPPED_BYTES } from './exchange.ts'

/** The whole body, up to the limit; stops reading beyond it and rejects with 413. */
export function readBody(
  incoming: Readable,
  contentLength: string | undefined,
): Promise<Uint8Array> {
  const announced = Number(contentLength ?? 0)
  // What is a little too long is read all the same, so that the connection can be kept.
  if (announced > MAX_BODY_BYTES + MOST_DROPPED_BYTES) return Promise.reject(requestTooLarge())
  const isKept = announced <= MAX_BODY_BYTES
  // Who has gone before anybody reads is not told of again: waiting would last until the deadline.
  if (incoming.destroyed) return Promise.reject(endedEarly())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let isWhole = false
    const onData = (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY_BYTES) {
        if (isKept) chunks.push(chunk)
        return
      }
      incoming.off('data', onData)
      incoming.pause()
      reject(requestTooLarge())
    }
    incoming.on('data', onData)
    incoming.once('end', () => {
      isWhole = true
      if (!isKept) return reject(requestTooLarge())
      const [first] = chunks
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, length))
    })
    incoming.once('error', (cause) => reject(badRequest(`reading the body: ${cause.message}`)))
    incoming.once('close', () => {
      // Every request closes: an error that nobody gets would cost more than the reading.
      if (!isWhole) reject(endedEarly())
    })
  })
}

function endedEarly(): StatusError {
  return badRequest('the request ended before its body')
}
