import { formatError } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informer } from '../../client/lister.ts'
import type { ControllerRevision } from '../../kinds/apps/v1/controller-revision.ts'
import type { StatefulSet } from '../../kinds/apps/v1/stateful-set.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { isReason } from '../../machinery/status-error.ts'
import type { WriteBarrier } from '../runtime/write-barrier.ts'
import { hasForeignController, isStaleClaim, wantedOwners } from './claim-retention.ts'
import {
  claimNameOf,
  claimsOf,
  isInRange,
  podNameOf,
  statefulPod,
  withIdentity,
} from './stateful-pod.ts'

type Verb = 'Create' | 'Update' | 'Delete'

/** Creates, mends and deletes the pods of stateful sets and their claims, and tells of it. */
export class StatefulPodControl {
  readonly #client: Client
  readonly #recorder: EventRecorder
  readonly #claims: Informer<PersistentVolumeClaim>
  readonly #claimBarrier: WriteBarrier

  constructor(
    client: Client,
    recorder: EventRecorder,
    claims: Informer<PersistentVolumeClaim>,
    claimBarrier: WriteBarrier,
  ) {
    this.#client = client
    this.#recorder = recorder
    this.#claims = claims
    this.#claimBarrier = claimBarrier
  }

  async create(
    key: string,
    set: StatefulSet,
    revision: ControllerRevision,
    ordinal: number,
  ): Promise<Pod> {
    const name = podNameOf(set, ordinal)
    try {
      await this.createClaims(key, set, ordinal)
      const pod = await this.#client.create(Pod, statefulPod(set, revision, ordinal))
      await this.syncClaimOwners(key, set, pod, ordinal)
      this.#tell('Create', set, name)
      return pod
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) this.#tell('Create', set, name, error)
      throw error
    }
  }

  async mend(key: string, set: StatefulSet, pod: Pod, ordinal: number): Promise<Pod> {
    const { name } = pod.metadata
    try {
      await this.createClaims(key, set, ordinal)
      await this.syncClaimOwners(key, set, pod, ordinal)
      const mended = await this.#client.update(Pod, withIdentity(set, pod, ordinal))
      this.#tell('Update', set, name)
      return mended
    } catch (error) {
      this.#tell('Update', set, name, error)
      throw error
    }
  }

  async delete(set: StatefulSet, { metadata }: Pod): Promise<void> {
    try {
      await this.#client.delete(Pod, metadata)
    } catch (error) {
      if (!isReason(error, 'NotFound')) {
        this.#tell('Delete', set, metadata.name, error)
        throw error
      }
    }
    this.#tell('Delete', set, metadata.name)
  }

  /** Whether a claim of an ordinal goes away with an earlier pod. */
  hasStaleClaim(set: StatefulSet, ordinal: number): boolean {
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false
    const podName = podNameOf(set, ordinal)
    return this.#claimsOf(set, ordinal).some((claim) => isStaleClaim(claim, podName, undefined))
  }

  haveClaimsRightOwners(set: StatefulSet, pod: Pod, ordinal: number): boolean {
    const isScaledDown = !isInRange(set, ordinal)
    return this.#claimsOf(set, ordinal).every(
      (claim) => wantedOwners(claim, set, pod, isScaledDown) === undefined,
    )
  }

  async syncClaimOwners(key: string, set: StatefulSet, pod: Pod, ordinal: number): Promise<void> {
    const isScaledDown = !isInRange(set, ordinal)
    for (const claim of this.#claimsOf(set, ordinal)) {
      if (hasForeignController(claim, set, pod)) {
        const why = 'has a conflicting OwnerReference that acts as a manging controller'
        const effect = 'the retention policy is ignored for this claim'
        const message = `PersistentVolumeClaim ${claim.metadata.name} ${why}, ${effect}`
        this.#recorder.event(set, 'Warning', 'ConflictingController', message)
      }
      const ownerReferences = wantedOwners(claim, set, pod, isScaledDown)
      if (ownerReferences === undefined) continue
      const metadata = { ...claim.metadata, ownerReferences }
      const next = { ...claim, metadata }
      this.#claimBarrier.wrote(key, await this.#client.update(PersistentVolumeClaim, next))
    }
  }

  async createClaims(key: string, set: StatefulSet, ordinal: number): Promise<void> {
    for (const draft of claimsOf(set, ordinal)) {
      const { name } = draft.metadata
      const present = this.#claims.get(`${set.metadata.namespace}/${name}`)
      if (present?.metadata.deletionTimestamp !== undefined) {
        throw new Error(`pvc ${name} is being deleted`)
      }
      if (present !== undefined) continue
      try {
        this.#claimBarrier.wrote(key, await this.#client.create(PersistentVolumeClaim, draft))
        this.#tellClaim(set, name, ordinal)
      } catch (cause) {
        if (isReason(cause, 'AlreadyExists')) continue
        this.#tellClaim(set, name, ordinal, cause)
        throw new Error(`failed to create PVC ${name}`, { cause })
      }
    }
  }

  #claimsOf(set: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] {
    return (set.spec.volumeClaimTemplates ?? []).flatMap(({ metadata }) => {
      const name = claimNameOf(set, metadata.name, ordinal)
      return this.#claims.get(`${set.metadata.namespace}/${name}`) ?? []
    })
  }

  #tell(verb: Verb, set: StatefulSet, podName: string, error?: unknown): void {
    const what = `${verb} Pod ${podName} in StatefulSet ${set.metadata.name}`
    this.#event(verb, set, what, 'successful', error)
  }

  #tellClaim(set: StatefulSet, claimName: string, ordinal: number, error?: unknown): void {
    const { name } = set.metadata
    const what = `Create Claim ${claimName} Pod ${podNameOf(set, ordinal)} in StatefulSet ${name}`
    this.#event('Create', set, what, 'success', error)
  }

  #event(verb: Verb, set: StatefulSet, what: string, success: string, error: unknown): void {
    if (error === undefined) {
      this.#recorder.event(set, 'Normal', `Successful${verb}`, `${what} ${success}`)
    } else {
      const message = `${what} failed error: ${formatError(error)}`
      this.#recorder.event(set, 'Warning', `Failed${verb}`, message)
    }
  }
}
