import type { Client } from '../../client/client.ts'
import { PriorityClass } from '../../kinds/scheduling/v1/priority-class.ts'
import { ensure } from './system-namespaces.ts'

/** The classes of pods that a node or a cluster cannot do without. */
const CLASSES = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another ' +
      'node if necessary.',
  },
]

/** Makes those of the system's priority classes that do not exist. */
export async function ensureSystemPriorityClasses(client: Client): Promise<void> {
  await Promise.all(CLASSES.map((draft) => ensure(client.create(PriorityClass, draft))))
}
