import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { isNamespaceTerminating } from '../runtime/pod-control.ts'

const DEFAULT = 'default'

/** Gives every namespace the service account that pods use when they name none. */
export class ServiceAccountsController implements Controller {
  readonly name = 'serviceaccount-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #namespaces: Informer<Namespace>
  readonly #accounts: Informer<ServiceAccount>

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#namespaces = informers.for(Namespace)
    this.#accounts = informers.for(ServiceAccount)
    this.watches = [
      watch(this.#namespaces, ({ type, object }) =>
        type === 'DELETED' ? [] : [object.metadata.name],
      ),
      watch(this.#accounts, ({ type, object: { metadata } }) =>
        type === 'DELETED' && metadata.name === DEFAULT ? [metadata.namespace] : [],
      ),
    ]
  }

  async reconcile(namespace: string): Promise<Result> {
    if (this.#namespaces.get(namespace)?.status.phase !== 'Active') return undefined
    if (this.#accounts.get(`${namespace}/${DEFAULT}`) !== undefined) return undefined
    try {
      await this.#client.create(ServiceAccount, { metadata: { name: DEFAULT, namespace } })
    } catch (error) {
      if (isReason(error, 'AlreadyExists') || isNamespaceTerminating(error)) return undefined
      throw error
    }
    return undefined
  }
}
