import type { Client } from '../../client/client.ts'
import type { InformerEvent, Lister } from '../../client/lister.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'

/** Pods that name no account run as this one. */
const NAME = 'default'

/** Keeps the service account `default` in every namespace. */
export class ServiceAccountController implements Controller {
  readonly name = 'serviceaccount-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]
  readonly #client: Client
  readonly #namespaces: Lister<Namespace>
  readonly #accounts: Lister<ServiceAccount>

  constructor({ client, informers }: ControllerContext) {
    const namespaces = informers.for(Namespace)
    const accounts = informers.for(ServiceAccount)
    this.#client = client
    this.#namespaces = namespaces
    this.#accounts = accounts
    this.watches = [watch(namespaces, self), watch(accounts, namespaceOfDeleted)]
  }

  async reconcile(key: string): Promise<Result> {
    if (this.#namespaces.get(key)?.status.phase !== 'Active') return undefined
    if (this.#accounts.get(`${key}/${NAME}`) !== undefined) return undefined
    try {
      await this.#client.create(ServiceAccount, { metadata: { name: NAME, namespace: key } })
    } catch (error) {
      // A namespace that has just begun to end takes nothing new, and needs nothing.
      if (!isReason(error, 'AlreadyExists', 'Forbidden', 'NotFound')) throw error
      if (isReason(error, 'Forbidden') && this.#isActive(key)) throw error
    }
    return undefined
  }

  #isActive(namespace: string): boolean {
    return this.#namespaces.get(namespace)?.metadata.deletionTimestamp === undefined
  }
}

function namespaceOfDeleted({ type, object }: InformerEvent<ServiceAccount>): string[] {
  const { name, namespace } = object.metadata
  return type === 'DELETED' && name === NAME ? [namespace] : []
}
