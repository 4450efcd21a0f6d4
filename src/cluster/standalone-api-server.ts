import { join } from 'node:path'
import { type Clock, sleep } from '../base/clock.ts'
import { writeFileAtomically } from '../base/file-system.ts'
import { sendRequest } from '../base/http-backend.ts'
import { formatError } from '../base/logger.ts'
import type { ServerOptions } from './cluster-options.ts'
import { ComponentGroup } from './component-group.ts'
import { componentProbes } from './component-probes.ts'
import type { ControlPlane } from './control-plane.ts'
import { formatKubeconfig, type KubeconfigEntry } from './kubeconfig.ts'
import { openControlPlane } from './open-control-plane.ts'
import { timed } from './progress-timer.ts'
import { kubeletTransport, serve } from './serve.ts'
import { UndoStack } from './undo-stack.ts'

/** For an administrator, in the data directory. */
export const ADMIN_KUBECONFIG = 'admin.kubeconfig'

interface Parts {
  readonly url: string
  readonly kubeconfig: KubeconfigEntry
  readonly controlPlane: ControlPlane
  readonly clock: Clock
  readonly undo: UndoStack
}

/** An API server alone: the other components are other processes, of this project or upstream's. */
export class StandaloneApiServer {
  readonly url: string
  readonly kubeconfig: KubeconfigEntry
  readonly #parts: Parts

  /** Of a server that runs already; see `start`. */
  constructor(parts: Parts) {
    this.#parts = parts
    this.url = parts.url
    this.kubeconfig = parts.kubeconfig
  }

  /**
   * Resolves once the server answers and has made the built-in objects. Rejects, with nothing left
   * running, where something is in the way.
   */
  static async start(options: ServerOptions): Promise<StandaloneApiServer> {
    const undo = new UndoStack()
    try {
      return await startServer(options, undo)
    } catch (error) {
      await undo.run()
      throw error
    }
  }

  /**
   * Answers what is under way, and closes the store. For `delayMs` before that it goes on, while
   * `/readyz` tells load balancers to send their requests elsewhere.
   */
  async stop(delayMs = 0): Promise<void> {
    const { controlPlane, clock, undo } = this.#parts
    controlPlane.announceEnd()
    if (delayMs > 0) await sleep(clock, delayMs)
    await undo.run()
  }
}

async function startServer(options: ServerOptions, undo: UndoStack): Promise<StandaloneApiServer> {
  const { dataDirectory, files, logger, clock } = options
  if (dataDirectory !== undefined) await files.mkdir(dataDirectory, 0o700)
  const opened = await openControlPlane(options, undo, (certificates, egress) =>
    kubeletTransport(certificates, options, egress),
  )
  const { controlPlane, compactor } = opened
  for (const [name, check] of componentProbes(sendRequest, clock)) {
    controlPlane.componentChecks.set(name, check)
  }
  const { kubeconfig, port, url, address } = await timed(
    options,
    'API server',
    () => serve(options, opened),
    (served) => served.url,
  )
  await timed(options, 'built-in objects', () => controlPlane.start({ address, port }))
  const background = new ComponentGroup(logger)
  undo.add(() => background.stop())
  background.start(compactor)
  if (dataDirectory !== undefined) {
    const path = join(dataDirectory, ADMIN_KUBECONFIG)
    // A disk without room keeps nobody from starting who has all else that it needs.
    await writeFileAtomically(files, path, formatKubeconfig(kubeconfig)).catch((error: unknown) => {
      logger.error('the kubeconfig was not written', { path, error: formatError(error) })
    })
  }
  return new StandaloneApiServer({ url, kubeconfig, undo, controlPlane, clock })
}
