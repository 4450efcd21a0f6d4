import type { Clock } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { type KubernetesServiceOptions, startKubernetesService } from './kubernetes-service.ts'
import { ensureSystemNamespaces } from './system-namespaces.ts'
import { ensureSystemPriorityClasses } from './system-priority-classes.ts'

/**
 * Makes what every cluster has and keeps at each start: namespaces, priority classes and the
 * service `kubernetes`. The client needs the rights of `system:masters`. RBAC has its own.
 */
export async function bootstrapCluster(
  client: Client,
  options: KubernetesServiceOptions,
  clock: Clock,
): Promise<void> {
  await ensureSystemNamespaces(client)
  await Promise.all([
    ensureSystemPriorityClasses(client),
    startKubernetesService(client, options, clock),
  ])
}
