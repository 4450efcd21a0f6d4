import { type Clock, pause } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import { ClientEventRecorder } from '../../client/event-sender.ts'
import { SERVICE_CIDR_CONTROLLER, ServiceCidrEvents } from './default-service-cidr.ts'
import { ensureKubernetesService, type KubernetesServiceOptions } from './kubernetes-service.ts'
import { ensureSystemNamespaces } from './system-namespaces.ts'

export interface KeepOptions {
  readonly service: KubernetesServiceOptions
  readonly clock: Clock
  readonly logger: Logger
}

/** As upstream's controllers of the default service and its ServiceCIDR. */
const INTERVAL_MS = 10_000

/**
 * Makes again what somebody deletes of the system's namespaces, the service `kubernetes`, its
 * endpoints and its ServiceCIDR, until the signal aborts.
 */
export async function keepBootstrapped(
  client: Client,
  signal: AbortSignal,
  { service, clock, logger }: KeepOptions,
): Promise<void> {
  const component = SERVICE_CIDR_CONTROLLER
  using recorder = new ClientEventRecorder({ client, clock, logger, component })
  const events = new ServiceCidrEvents(recorder)
  while (await pause(clock, INTERVAL_MS, signal)) {
    try {
      await ensureSystemNamespaces(client)
      await ensureKubernetesService(client, service, clock, events)
    } catch (error) {
      logger.error('the service kubernetes was not kept', { error: formatError(error) })
    }
  }
}
