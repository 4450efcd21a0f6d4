import { jsonFault } from '../../base/json-fault.ts'
import { badRequest, StatusError } from '../../machinery/status-error.ts'

/** Where a list goes on: the state of a revision, from a key (below the list's prefix) on. */
export interface ContinuePoint {
  /** `INCONSISTENT` for whatever the state is when it goes on. */
  readonly revision: number
  readonly startKey: string
}

export const INCONSISTENT = -1
const VERSION = 'meta.k8s.io/v1'

/**
 * The token that clients send back, unread; in upstream's form, since some look into it, and since
 * a walk may be begun by another server than ends it.
 */
export function encodeContinue({ revision, startKey }: ContinuePoint): string {
  const token = { v: VERSION, rv: revision, start: `/${startKey}` }
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

/** 400 for a token that this server cannot have made. */
export function decodeContinue(token: string): ContinuePoint {
  const { v, rv, start } = parseToken(token)
  if (v !== VERSION) {
    throw invalidToken(`server does not recognize this encoded version ${String(v ?? '')}`)
  }
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0) {
    throw invalidToken(`incorrect encoded start resourceVersion (version ${VERSION})`)
  }
  if (typeof start !== 'string' || start === '') {
    throw invalidToken(`encoded start key empty (version ${VERSION})`)
  }
  const startKey = start.replace(/^\//, '')
  if (!isCleanPath(startKey)) throw invalidToken(start)
  return { revision: rv, startKey }
}

/** Whether Go's `path.Clean` finds nothing to do; so a walk cannot leave its prefix. */
function isCleanPath(path: string): boolean {
  return path === '' || !path.split('/').some((part) => ['', '.', '..'].includes(part))
}

function parseToken(token: string): Readonly<Record<string, unknown>> {
  const at = base64Fault(token)
  if (at !== undefined) throw invalidToken(`illegal base64 data at input byte ${at}`)
  const text = Buffer.from(token, 'base64url')
  const fault = jsonFault(text)
  if (fault !== undefined) throw invalidToken(fault)
  const value = JSON.parse(text.toString()) as unknown
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Where a token is not of unpadded base64, as Go's decoder tells it. */
function base64Fault(token: string): number | undefined {
  const text = token.replace(/[\r\n]/g, '')
  const at = text.search(/[^A-Za-z0-9_-]/)
  if (at >= 0) return at
  return text.length % 4 === 1 ? text.length - 1 : undefined
}

function invalidToken(why: string): StatusError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`)
}

/** 410 for a walk whose revision was compacted; the new token goes on without consistency. */
export function continueTooOld(startKey: string): StatusError {
  const error = new StatusError(
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can ' +
      'start a new list without the continue parameter, or use the continue token in this ' +
      'response to retrieve the remainder of the results. Continuing with the provided token ' +
      'results in an inconsistent list - objects that were created, modified, or deleted ' +
      'between the time the first chunk was returned and now may show up in the list.',
  )
  return withContinue(error, encodeContinue({ revision: INCONSISTENT, startKey }))
}

/** The token stands in the metadata of the Status. */
function withContinue(error: StatusError, token: string): StatusError {
  const status = { ...error.toStatus(), metadata: { continue: token } }
  return Object.assign(error, { toStatus: () => status })
}
