import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import {
  BOOTSTRAP_TOKEN_TYPE,
  bootstrapTokenExpiry,
} from '../../kinds/core/v1/bootstrap-token-secret.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'

/** Deletes bootstrap tokens when they expire. */
export class TokenCleaner implements Controller {
  readonly name = 'token-cleaner-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #secrets: Informer<Secret>

  constructor({ client, informers, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#secrets = informers.for(Secret)
    this.watches = [
      watch(this.#secrets, ({ type, object }) =>
        type !== 'DELETED' && isBootstrapToken(object) ? [keyOf(object)] : [],
      ),
    ]
  }

  async reconcile(key: string): Promise<Result> {
    const secret = this.#secrets.get(key)
    if (secret === undefined || !isBootstrapToken(secret)) return undefined
    const remainingMs = bootstrapTokenExpiry(secret) - this.#clock.now()
    if (remainingMs === Number.POSITIVE_INFINITY) return undefined
    if (remainingMs > 0) return { requeueAfterMs: remainingMs }
    const { uid } = secret.metadata
    try {
      await this.#client.delete(Secret, secret.metadata, { preconditions: { uid } })
    } catch (error) {
      // Changed or gone meanwhile: its next event brings it back.
      if (!isReason(error, 'Conflict', 'NotFound')) throw error
    }
    return undefined
  }
}

export function isBootstrapToken({ metadata, type }: Secret): boolean {
  return type === BOOTSTRAP_TOKEN_TYPE && metadata.namespace === 'kube-system'
}
