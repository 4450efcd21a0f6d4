import { badRequest, StatusError } from '../../machinery/status-error.ts'

/** The revision that a client names. '' and '0' mean that it names none. */
export function parseResourceVersion(text: string): number {
  const fault = versionFault(text)
  // As upstream, which takes it for a fault of its own.
  if (fault !== undefined) throw new StatusError('', fault)
  return text === '' ? 0 : Number(text)
}

/** As `parseResourceVersion`; a list says that the client is at fault. */
export function parseListVersion(text: string): number {
  const fault = versionFault(text)
  if (fault !== undefined) throw badRequest(`invalid resource version: ${fault}`)
  return text === '' ? 0 : Number(text)
}

function versionFault(text: string): string | undefined {
  if (text === '' || /^[0-9]{1,16}$/.test(text)) return undefined
  const why = /^[0-9]+$/.test(text) ? 'value out of range' : 'invalid syntax'
  const quoted = JSON.stringify(text)
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`
}

/** 410 for a watch from a revision whose history is gone (upstream's watch cache). */
export function tooOldResourceVersion(asked: number, oldest: number): StatusError {
  return new StatusError('Expired', `too old resource version: ${asked} (${oldest})`)
}

/** 410 for a list at a revision that is gone (upstream's etcd3 store). */
export function listTooOld(): StatusError {
  return new StatusError('Expired', 'The resourceVersion for the provided list is too old.')
}

/** 504 for a revision that this server has not reached; clients retry after a second. */
export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`
  return new StatusError('Timeout', message, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}

/** The server is closing. */
export function watchEnded(): StatusError {
  return new StatusError('ServiceUnavailable', 'apiserver is shutting down')
}
