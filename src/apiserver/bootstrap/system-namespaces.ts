import type { Client } from '../../client/client.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { isReason } from '../../machinery/status-error.ts'

/** The namespaces that every cluster has. */
const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** Makes those of the system's namespaces that do not exist. */
export async function ensureSystemNamespaces(client: Client): Promise<void> {
  await Promise.all(
    SYSTEM_NAMESPACES.map((name) => ensure(client.create(Namespace, { metadata: { name } }))),
  )
}

/** That something exists already is as good as having made it. */
export async function ensure(creation: Promise<unknown>): Promise<void> {
  try {
    await creation
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}
