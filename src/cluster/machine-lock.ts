import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Names in Linux' abstract namespace belong to a network namespace and vanish with their process,
 * however it ends.
 */
const NAME = '\0wherry-node-network'

/** Another cluster has this machine's bridge, service rules and pod addresses. */
export class MachineInUseError extends Error {
  constructor() {
    super(
      'another Wherry cluster runs real containers in this network namespace, and two would ' +
        'share bridge, addresses and service rules; stop it with "wherry down", or use ' +
        '--runtime simulated',
    )
    this.name = 'MachineInUseError'
  }
}

/** Takes this machine's network for one cluster; dispose to give it back. */
export async function lockMachine(): Promise<Disposable> {
  const server = createServer((socket) => socket.destroy())
  server.listen(NAME)
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new MachineInUseError()
    throw error
  }
  server.unref()
  return { [Symbol.dispose]: () => void server.close() }
}
