import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { PersistentVolume } from '../../kinds/core/v1/persistent-volume.ts'
import {
  type Controller,
  type ControllerContext,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { protectionStep, setProtection } from '../runtime/protection.ts'

const FINALIZER = 'kubernetes.io/pv-protection'

/** Keeps volumes that are deleted while a claim is bound to them. */
export class PvProtectionController implements Controller {
  readonly name = 'persistentvolume-protection-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #volumes: Informer<PersistentVolume>

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#volumes = informers.for(PersistentVolume)
    this.watches = [
      watch(this.#volumes, ({ type, object }) => {
        const isDue = type !== 'DELETED' && protectionStep(object, FINALIZER) !== 'none'
        return isDue ? [keyOf(object)] : []
      }),
    ]
  }

  async reconcile(key: string): Promise<undefined> {
    const volume = this.#volumes.get(key)
    if (volume === undefined) return
    const step = protectionStep(volume, FINALIZER)
    if (step === 'none' || (step === 'check' && volume.status.phase === 'Bound')) return
    await setProtection(this.#client, PersistentVolume, volume, FINALIZER, step === 'add')
  }
}
