import type { Informer } from '../../../client/lister.ts'
import { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../../kinds/core/v1/persistent-volume-claim.ts'
import type { PluginContext } from '../../framework/plugin.ts'
import { isBound } from './pod-claims.ts'

/** Tells a provisioner where a volume is needed. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'

/** Volumes are made and bound within this time, or the pod is tried again. */
const TIMEOUT_MS = 10 * 60_000
const MERGE = 'application/merge-patch+json'

/** What is done for a claim: it is given a volume, or where there is none, one is made. */
export interface Decision {
  readonly claim: PersistentVolumeClaim
  readonly volume?: PersistentVolume
}

/** Says in the API which volume a claim is to have, and waits until it has it. */
export class VolumeBinder {
  readonly #context: Pick<PluginContext, 'client' | 'clock'>
  readonly #claims: Informer<PersistentVolumeClaim>

  constructor(
    context: Pick<PluginContext, 'client' | 'clock'>,
    claims: Informer<PersistentVolumeClaim>,
  ) {
    this.#context = context
    this.#claims = claims
  }

  async bind(decisions: readonly Decision[], nodeName: string, signal: AbortSignal): Promise<void> {
    for (const { claim, volume } of decisions) {
      if (volume === undefined) await this.#provision(claim, nodeName)
      else await this.#give(volume, claim)
    }
    await this.#areBound(decisions, nodeName, signal)
  }

  /** A volume that somebody else has taken meanwhile is refused by its version. */
  async #give({ metadata }: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
    const { name, namespace, uid, resourceVersion } = claim.metadata
    const { apiVersion, kind } = PersistentVolumeClaim
    await this.#context.client.patch(PersistentVolume, { name: metadata.name }, MERGE, {
      metadata: {
        resourceVersion: metadata.resourceVersion,
        annotations: { [BOUND_BY_CONTROLLER]: 'yes' },
      },
      spec: { claimRef: { apiVersion, kind, name, namespace, uid, resourceVersion } },
    })
  }

  async #provision({ metadata }: PersistentVolumeClaim, nodeName: string): Promise<void> {
    const { name, namespace, uid } = metadata
    await this.#context.client.patch(PersistentVolumeClaim, { name, namespace }, MERGE, {
      metadata: { uid, annotations: { [SELECTED_NODE]: nodeName } },
    })
  }

  #areBound(decisions: readonly Decision[], nodeName: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const seen = new Set<string>()
      const check = () => {
        const state = this.#progress(decisions, nodeName, seen)
        if (state === 'waiting') return
        timer[Symbol.dispose]()
        queueMicrotask(() => listening[Symbol.dispose]())
        signal.removeEventListener('abort', onAbort)
        if (state === 'bound') resolve()
        else reject(new Error(state))
      }
      const onAbort = () => {
        timer[Symbol.dispose]()
        listening[Symbol.dispose]()
        reject(signal.reason)
      }
      const timer = this.#context.clock.after(TIMEOUT_MS, () => {
        listening[Symbol.dispose]()
        signal.removeEventListener('abort', onAbort)
        reject(new Error('binding volumes: timed out waiting for the condition'))
      })
      signal.addEventListener('abort', onAbort, { once: true })
      const listening = this.#claims.onEvent(({ object }) => {
        if (decisions.some(({ claim }) => claim.metadata.uid === object.metadata.uid)) check()
      })
      check()
    })
  }

  /** `seen` holds the claims that once showed where their volume is needed. */
  #progress(decisions: readonly Decision[], nodeName: string, seen: Set<string>): string {
    let isWaiting = false
    for (const { claim, volume } of decisions) {
      const { name, namespace, uid } = claim.metadata
      const now = this.#claims.get(`${namespace}/${name}`)
      if (now === undefined || now.metadata.uid !== uid) {
        return `binding volumes: persistentvolumeclaim "${name}" not found`
      }
      if (isBound(now)) continue
      isWaiting = true
      if (volume !== undefined) continue
      // A provisioner that cannot do it takes the choice of the node back.
      if (now.metadata.annotations?.[SELECTED_NODE] === nodeName) seen.add(uid)
      else if (seen.has(uid)) return `binding volumes: provisioning failed for PVC "${name}"`
    }
    return isWaiting ? 'waiting' : 'bound'
  }
}
