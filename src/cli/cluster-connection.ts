import { controlSocketPath, sendControl } from '../cluster/control-socket.ts'

/** Thrown where a command needs a running cluster and there is none. */
class NotRunningError extends Error {
  constructor(dataDirectory: string) {
    super(`no cluster runs in ${dataDirectory}; start one with: wherry up`)
    this.name = 'NotRunningError'
  }
}

/** Sends a command to the cluster of a data directory; undefined where none runs. */
export function tryCluster(
  dataDirectory: string,
  command: string,
  argument?: unknown,
): Promise<unknown> {
  return sendControl(controlSocketPath(dataDirectory), command, argument)
}

/** As `tryCluster`; rejects with NotRunningError where none runs. */
export async function askCluster(
  dataDirectory: string,
  command: string,
  argument?: unknown,
): Promise<unknown> {
  const answer = await tryCluster(dataDirectory, command, argument)
  if (answer === undefined) throw new NotRunningError(dataDirectory)
  return answer
}
