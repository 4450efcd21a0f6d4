import type { StatefulSet } from '../../kinds/apps/v1/stateful-set.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { isPodFinished } from '../runtime/pods.ts'
import { slowStart } from '../runtime/slow-start.ts'
import {
  firstUnavailable,
  isParallel,
  isRunningAndReady,
  isTerminating,
  isUnavailable,
  nextToUpdate,
  type Revisions,
  revisionFor,
  type Slot,
  type Slots,
} from './plan-stateful-set.ts'
import { hasIdentity } from './stateful-pod.ts'
import type { StatefulPodControl } from './stateful-pod-control.ts'

export interface StepOptions {
  readonly key: string
  readonly set: StatefulSet
  readonly revisions: Revisions
  readonly slots: Slots
  /** Wall-clock milliseconds. */
  readonly now: number
  readonly control: StatefulPodControl
}

/** Whether the next slot may be looked at, or this one must be waited for. */
type Progress = 'go on' | 'wait'

/**
 * One step of a set towards its pods: first every wanted slot is filled, then what is too many
 * goes, then one outdated pod. In order, each slot waits for the one before it to serve; in
 * parallel all slots are treated at once.
 */
export class StatefulSetStep {
  readonly set: StatefulSet
  readonly revisions: Revisions
  readonly now: number
  readonly created: Pod[] = []
  readonly deleted: Pod[] = []
  readonly mended: Pod[] = []
  /** The pod that was deleted to be replaced by a newer one. */
  updating: Pod | undefined
  readonly #options: StepOptions
  readonly #isOrdered: boolean

  constructor(options: StepOptions) {
    this.#options = options
    this.set = options.set
    this.revisions = options.revisions
    this.now = options.now
    this.#isOrdered = !isParallel(options.set)
  }

  async take(): Promise<void> {
    const { slots } = this.#options
    const { wanted, condemned } = slots
    if (!(await this.#forEach(wanted, (slot) => this.#fill(slot)))) return
    if (!(await this.#forEach(condemned, (slot) => this.#prepare(slot)))) return
    const broken = firstUnavailable(this.set, slots, this.now)
    if (!(await this.#forEach(condemned, ({ pod }) => this.#condemn(pod, broken)))) return
    const outdated = nextToUpdate(this.set, slots, this.revisions, this.now)
    if (outdated === undefined) return
    await this.#delete(outdated)
    this.updating = outdated
  }

  /** False when the step ends here. In parallel none waits for another. */
  async #forEach<T>(slots: readonly T[], work: (slot: T) => Promise<Progress>): Promise<boolean> {
    if (this.#isOrdered) {
      for (const slot of slots) if ((await work(slot)) === 'wait') return false
      return true
    }
    const left = [...slots]
    const error = await slowStart(slots.length, async () => {
      const slot = left.shift()
      if (slot !== undefined) await work(slot)
    })
    if (error !== undefined) throw error
    return true
  }

  async #fill(slot: Slot): Promise<Progress> {
    const { control, key } = this.#options
    const { ordinal, pod } = slot
    if (pod === undefined) return await this.#create(ordinal)
    if (isPodFinished(pod)) {
      if (!isTerminating(pod)) await this.#delete(pod)
      return 'wait'
    }
    if (pod.status.phase === 'Pending') {
      await control.createClaims(key, this.set, ordinal)
      await control.syncClaimOwners(key, this.set, pod, ordinal)
    }
    const mustWait =
      isTerminating(pod) || !isRunningAndReady(pod) || isUnavailable(pod, this.set, this.now)
    if (mustWait && this.#isOrdered) return 'wait'
    const isRight =
      hasIdentity(this.set, pod, ordinal) && control.haveClaimsRightOwners(this.set, pod, ordinal)
    if (!isRight) this.mended.push(await control.mend(key, this.set, pod, ordinal))
    return 'go on'
  }

  async #create(ordinal: number): Promise<Progress> {
    const { control, key } = this.#options
    if (control.hasStaleClaim(this.set, ordinal)) return 'wait'
    const revision = revisionFor(this.set, this.revisions, ordinal)
    this.created.push(await control.create(key, this.set, revision, ordinal))
    return 'wait'
  }

  async #prepare({ ordinal, pod }: Slot): Promise<Progress> {
    const { control, key } = this.#options
    if (pod !== undefined) await control.syncClaimOwners(key, this.set, pod, ordinal)
    return 'go on'
  }

  /** In order, the last pod goes when it serves, or when it is the one that does not. */
  async #condemn(pod: Pod, broken: Pod | undefined): Promise<Progress> {
    if (isTerminating(pod)) return 'wait'
    const isBroken = !isRunningAndReady(pod) || isUnavailable(pod, this.set, this.now)
    if (this.#isOrdered && isBroken && pod !== broken) return 'wait'
    await this.#delete(pod)
    return 'wait'
  }

  async #delete(pod: Pod): Promise<void> {
    await this.#options.control.delete(this.set, pod)
    this.deleted.push(pod)
  }
}
