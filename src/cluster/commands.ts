import type { ClusterStatus } from './cluster-options.ts'
import type { ControlHandler } from './control-socket.ts'
import type { ClusterNodes } from './nodes/cluster-nodes.ts'

/** What the commands of other processes act on. */
export interface CommandTargets {
  readonly nodes: ClusterNodes
  readonly stopRequested: AbortController
  status(): ClusterStatus
}

/** Answers `wherry status`, `down` and `image`, which another process sends. */
export function answerCommands({ nodes, stopRequested, status }: CommandTargets): ControlHandler {
  return async (command, argument) => {
    switch (command) {
      case 'status':
        return status()
      case 'stop':
        stopRequested.abort()
        return true
      case 'image-list':
        return nodes.listImages()
      case 'image-load':
        if (typeof argument !== 'string') throw new Error('the path of an archive is missing')
        return nodes.loadImages(argument)
      default:
        throw new Error(`unknown command ${command}`)
    }
  }
}
