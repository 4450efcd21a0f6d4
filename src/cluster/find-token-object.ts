import type { FindTokenObject } from '../apiserver/authentication/service-account-authenticator.ts'
import type { ResourceTable } from '../apiserver/registry/resource-table.ts'
import { Node } from '../kinds/core/v1/node.ts'
import { Pod } from '../kinds/core/v1/pod.ts'
import { Secret } from '../kinds/core/v1/secret.ts'
import { ServiceAccount } from '../kinds/core/v1/service-account.ts'

/** Finds the objects that tokens are bound to, which must still exist. */
export function findTokenObject(resources: ResourceTable): FindTokenObject {
  const kinds = { serviceaccount: ServiceAccount, pod: Pod, secret: Secret, node: Node }
  return async (kind, namespace, name) =>
    (await resources.store(kinds[kind]).get(namespace, name)).object
}
