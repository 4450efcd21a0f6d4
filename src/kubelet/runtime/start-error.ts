/** A container could not be started: what `state.waiting` shows until the next attempt. */
export class StartError extends Error {
  override readonly name = 'StartError'
  /** One of `WAITING`. */
  readonly reason: string
  /** When it is worth trying again; after the usual delay where that is not known. */
  readonly retryAfterMs: number | undefined

  constructor(reason: string, message: string, retryAfterMs?: number) {
    super(message)
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}
