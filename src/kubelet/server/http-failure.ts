/** An answer that is not a success, in plain text as upstream's kubelet gives it. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
