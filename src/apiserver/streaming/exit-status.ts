import { internalError, type Status } from '../../machinery/status-error.ts'

/** What the error channel says of a command that has ended well. */
export const SUCCESS = { metadata: {}, status: 'Success' }

const NON_ZERO_EXIT_CODE = 'NonZeroExitCode'
const EXIT_CODE = 'ExitCode'

/**
 * What a kubelet has written on its error stream, as the client is told it: the exit code of a
 * command stays what it is, anything else is an internal error. Throws that.
 */
export function exitStatusOf(text: string): object {
  const status = parse(text)
  if (status.status === 'Success') return SUCCESS
  if (status.status !== 'Failure') throw internalError('error stream protocol error: unknown error')
  if (status.reason !== NON_ZERO_EXIT_CODE) throw internalError(status.message ?? '')
  if (status.details === undefined) {
    throw internalError('error stream protocol error: details must be set')
  }
  const cause = status.details.causes?.find(({ reason }) => reason === EXIT_CODE)
  if (cause === undefined) {
    throw internalError(`error stream protocol error: no ${EXIT_CODE} cause given`)
  }
  const code = cause.message ?? ''
  if (!/^\d{1,3}$/.test(code) || Number(code) > 255) {
    throw internalError(
      `error stream protocol error: invalid exit code value ${JSON.stringify(code)}`,
    )
  }
  const message = `command terminated with exit code ${Number(code)}`
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${message}`,
    reason: NON_ZERO_EXIT_CODE,
    details: { causes: [{ reason: EXIT_CODE, message: code }] },
  }
}

function parse(text: string): Partial<Status> {
  try {
    return JSON.parse(text) as Partial<Status>
  } catch (error) {
    const { message } = error as Error
    throw internalError(`error stream protocol error: ${message} in ${JSON.stringify(text)}`)
  }
}
