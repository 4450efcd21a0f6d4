import { quoteGo } from '../base/go-quote.ts'
import { type FieldError, formatFieldError } from './field-error.ts'

const CODE_BY_REASON = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  ServerTimeout: 500,
  Timeout: 504,
  StoreReadError: 500,
  '': 500,
} as const

/** metav1.StatusReason: why an API call failed, in a word that programs may test. */
export type StatusReason = keyof typeof CODE_BY_REASON

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  /** The resource's plural, or a kind where upstream says a kind. */
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** `metav1.Status` as it stands on the wire. */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: Readonly<Record<string, unknown>>
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

/** A failure that the API reports to its caller. Server and client throw the same class. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly reason: StatusReason
  readonly code: number
  readonly details: StatusDetails | undefined

  constructor(
    reason: StatusReason,
    message: string,
    options: { readonly code?: number; readonly details?: StatusDetails; cause?: unknown } = {},
  ) {
    const code = options.code ?? CODE_BY_REASON[reason] ?? 500
    const { stackTraceLimit } = Error
    // What a caller did wrong is an answer like any other: where in here it was found says nothing,
    // and a stack costs more than the rest of such an answer.
    if (code < 500) Error.stackTraceLimit = 0
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.reason = reason
    this.code = code
    this.details = options.details
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason !== '' && { reason: this.reason }),
      ...(this.details !== undefined && { details: this.details }),
      code: this.code,
    }
  }

  /** The error that a Status answer stands for. */
  static fromStatus(status: Partial<Status>): StatusError {
    const reason = (status.reason ?? '') as StatusReason
    return new StatusError(reason, status.message ?? 'unknown failure', {
      ...(status.code !== undefined && { code: status.code }),
      ...(status.details !== undefined && { details: status.details }),
    })
  }
}

/** Group and plural of the resource that an error speaks of. */
export interface ResourceName {
  readonly group: string
  readonly plural: string
}

/** `pods`, or `deployments.apps`: how messages name a resource. */
export function formatResource({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`
}

export function notFound(resource: ResourceName, name: string): StatusError {
  return new StatusError('NotFound', `${formatResource(resource)} ${quoteGo(name)} not found`, {
    details: detailsOf(resource, name),
  })
}

export function alreadyExists(resource: ResourceName, name: string): StatusError {
  return new StatusError(
    'AlreadyExists',
    `${formatResource(resource)} ${quoteGo(name)} already exists`,
    {
      details: detailsOf(resource, name),
    },
  )
}

export function conflict(resource: ResourceName, name: string, why: string): StatusError {
  return new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${formatResource(resource)} ${quoteGo(name)}: ${why}`,
    { details: detailsOf(resource, name) },
  )
}

export function forbiddenError(resource: ResourceName, name: string, why: string): StatusError {
  const what = formatResource(resource) + (name === '' ? '' : ` ${quoteGo(name)}`)
  return new StatusError('Forbidden', `${what} is forbidden: ${why}`, {
    details: detailsOf(resource, name),
  })
}

export function badRequest(message: string): StatusError {
  return new StatusError('BadRequest', message)
}

/** A 500 with upstream's wrapping: "Internal error occurred: ...". */
export function internalError(cause: unknown): StatusError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StatusError('InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
    cause,
  })
}

/** Of all errors of an object together. */
const MOST_MESSAGE_LENGTH = 8 * 1024 * 1024

/** The Status of an object that breaks validation: `Pod "x" is invalid: spec.y: ...`. */
export function invalidObject(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  allErrors: readonly FieldError[],
): StatusError {
  const errors = asManyAsFit(allErrors)
  const messages = [...new Set(errors.map(formatFieldError))]
  const text = messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  return new StatusError('Invalid', `${qualified} ${quoteGo(name)} is invalid: ${text}`, {
    details: {
      ...(name !== '' && { name }),
      ...(kind.group !== '' && { group: kind.group }),
      ...(kind.kind !== '' && { kind: kind.kind }),
      causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
    },
  })
}

/**
 * Errors that show the list that they are found in say in sum the square of what was sent: what is
 * more than anybody reads would take all memory.
 */
function asManyAsFit(errors: readonly FieldError[]): readonly FieldError[] {
  let length = 0
  const end = errors.findIndex(({ message }) => {
    length += message.length
    return length > MOST_MESSAGE_LENGTH
  })
  return end < 0 ? errors : errors.slice(0, Math.max(1, end))
}

export function isReason(error: unknown, ...reasons: readonly StatusReason[]): boolean {
  return error instanceof StatusError && reasons.includes(error.reason)
}

function detailsOf({ group, plural }: ResourceName, name: string): StatusDetails {
  return {
    ...(name !== '' && { name }),
    ...(group !== '' && { group }),
    kind: plural,
  }
}
