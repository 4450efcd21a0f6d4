import { badRequest, StatusError } from '../status-error.ts'

/**
 * Why a patch cannot be applied: `format` when it is not a patch at all, `unprocessable` when it
 * does not fit the object, `internal` for what upstream answers with a 500.
 */
export type PatchFailure = 'format' | 'unprocessable' | 'internal'

/** Raised by all patches; the messages are those of upstream's libraries. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  readonly failure: PatchFailure

  constructor(failure: PatchFailure, message: string) {
    super(message)
    this.failure = failure
  }
}

/** What the API answers. Upstream hides the reason of a 422, so here it is only the cause. */
export function statusOfPatchError(error: PatchError): StatusError {
  switch (error.failure) {
    case 'format':
      return badRequest(error.message)
    case 'unprocessable':
      return new StatusError(
        'Invalid',
        'the server rejected our request due to an error in our request',
        { details: {}, cause: error },
      )
    case 'internal':
      return new StatusError('', error.message, { cause: error })
  }
}
