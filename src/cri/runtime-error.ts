/** The status codes of gRPC by number, as runtimes answer them. */
const CODES = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const

export type RuntimeErrorCode = (typeof CODES)[number]

/** A call that the runtime refused or that did not reach it. The code decides what follows. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
  readonly code: RuntimeErrorCode
  /** The call, such as `StartContainer`. */
  readonly method: string
  /** What the runtime said, without the code. */
  readonly details: string

  /** The message is in the form that kubelet users know: `rpc error: code = X desc = Y`. */
  constructor(code: RuntimeErrorCode, method: string, details: string) {
    super(`rpc error: code = ${code} desc = ${details}`)
    this.code = code
    this.method = method
    this.details = details
  }
}

export function runtimeErrorCode(number: number): RuntimeErrorCode {
  return CODES[number] ?? 'Unknown'
}

export function hasRuntimeCode(error: unknown, ...codes: readonly RuntimeErrorCode[]): boolean {
  return error instanceof RuntimeError && codes.includes(error.code)
}

/** True where the sandbox, container or image is not there: often just what was wanted. */
export function isRuntimeNotFound(error: unknown): boolean {
  return hasRuntimeCode(error, 'NotFound')
}
