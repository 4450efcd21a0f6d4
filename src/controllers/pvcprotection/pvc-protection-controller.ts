import { type Client, keyOf } from '../../client/client.ts'
import type { Informer, InformerEvent } from '../../client/lister.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import {
  type Controller,
  type ControllerContext,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { isPodFinished } from '../runtime/pods.ts'
import { protectionStep, setProtection } from '../runtime/protection.ts'
import { claimNamesOf, isShutDown, isUsedBy } from './claim-use.ts'

const FINALIZER = 'kubernetes.io/pvc-protection'
const BY_CLAIM = 'claim'

/** Keeps claims that are deleted while a pod on some node has them. */
export class PvcProtectionController implements Controller {
  readonly name = 'persistentvolumeclaim-protection-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #claims: Informer<PersistentVolumeClaim>
  readonly #pods: Informer<Pod>

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#claims = informers.for(PersistentVolumeClaim)
    this.#pods = informers.for(Pod)
    this.#pods.addIndex(BY_CLAIM, claimKeysOf)
    this.watches = [
      watch(this.#claims, ({ type, object }) => {
        const isDue = type !== 'DELETED' && protectionStep(object, FINALIZER) !== 'none'
        return isDue ? [keyOf(object)] : []
      }),
      watch(this.#pods, claimsFreedBy),
    ]
  }

  async reconcile(key: string): Promise<undefined> {
    const claim = this.#claims.get(key)
    if (claim === undefined) return
    const step = protectionStep(claim, FINALIZER)
    if (step === 'none' || (step === 'check' && (await this.#isUsed(claim)))) return
    await setProtection(this.#client, PersistentVolumeClaim, claim, FINALIZER, step === 'add')
  }

  /** A cache may be late: before a claim goes, the server itself is asked for users. */
  async #isUsed(claim: PersistentVolumeClaim): Promise<boolean> {
    const known = this.#pods.byIndex(BY_CLAIM, keyOf(claim))
    if (known.some((pod) => isUsedBy(claim, pod))) return true
    const { items } = await this.#client.list(Pod, { namespace: claim.metadata.namespace })
    return items.some((pod) => isUsedBy(claim, pod))
  }
}

/** A pod that has a node and has not ended frees nothing. */
function claimsFreedBy({ type, object, old }: InformerEvent<Pod>): readonly string[] {
  const isOver = type === 'DELETED' || isPodFinished(object) || isShutDown(object)
  const isFree = isOver || (object.spec.nodeName ?? '') === ''
  const isOther = old !== undefined && old.metadata.uid !== object.metadata.uid
  return [...(isFree ? claimKeysOf(object) : []), ...(isOther ? claimKeysOf(old) : [])]
}

function claimKeysOf(pod: Pod): readonly string[] {
  return claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`)
}
