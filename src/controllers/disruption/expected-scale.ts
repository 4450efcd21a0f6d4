import type { Client } from '../../client/client.ts'
import type { Informer, Informers } from '../../client/lister.ts'
import { Deployment } from '../../kinds/apps/v1/deployment.ts'
import { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { StatefulSet } from '../../kinds/apps/v1/stateful-set.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { ReplicationController } from '../../kinds/core/v1/replication-controller.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { APIResourceList } from '../../machinery/meta-discovery.ts'
import type { OwnerReference } from '../../machinery/object-meta.ts'
import { controllerOf } from '../../machinery/owner-references.ts'
import { isReason } from '../../machinery/status-error.ts'

/** Who controls a pod, and how many pods it is asked for. */
interface ScaledOwner {
  readonly uid: string
  readonly replicas: number
}

interface Scaled extends KubeObject {
  readonly spec: { readonly replicas: number }
}

/** How many pods there should be of those that pods belong to. */
export interface ExpectedScale {
  readonly count: number
  /** The names of pods that nothing controls. */
  readonly unmanaged: readonly string[]
}

/** Finds how many pods the controllers of given pods are to have together. */
export class ScaleFinder {
  readonly #client: Client
  readonly #deployments: Informer<Deployment>
  readonly #replicaSets: Informer<ReplicaSet>
  readonly #byKind: ReadonlyMap<string, Informer<Scaled>>

  constructor(client: Client, informers: Informers) {
    this.#client = client
    this.#deployments = informers.for(Deployment)
    this.#replicaSets = informers.for(ReplicaSet)
    this.#byKind = new Map<string, Informer<Scaled>>([
      ['apps/v1/StatefulSet', informers.for(StatefulSet)],
      ['v1/ReplicationController', informers.for(ReplicationController)],
    ])
  }

  async expectedScale(pods: readonly Pod[]): Promise<ExpectedScale> {
    const owners = new Map<string, number>()
    const seen = new Set<string>()
    const unmanaged: string[] = []
    for (const pod of pods) {
      const reference = controllerOf(pod)
      const { name, namespace } = pod.metadata
      if (reference === undefined) {
        unmanaged.push(name)
        continue
      }
      if (seen.has(reference.uid)) continue
      seen.add(reference.uid)
      const owner = await this.#find(reference, namespace)
      if (owner === undefined) throw new Error(`found no controllers for pod "${name}"`)
      owners.set(owner.uid, owner.replicas)
    }
    return { count: [...owners.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged }
  }

  async #find(reference: OwnerReference, namespace: string): Promise<ScaledOwner | undefined> {
    const { apiVersion, kind } = reference
    const key = `${namespace}/${reference.name}`
    if (`${apiVersion}/${kind}` === 'apps/v1/ReplicaSet') {
      const replicaSet = same(this.#replicaSets.get(key), reference)
      const above = replicaSet === undefined ? undefined : controllerOf(replicaSet)
      if (above?.kind !== 'Deployment') return ownerOf(replicaSet)
      return ownerOf(same(this.#deployments.get(`${namespace}/${above.name}`), above))
    }
    const informer = this.#byKind.get(`${apiVersion}/${kind}`)
    if (informer !== undefined) return ownerOf(same(informer.get(key), reference))
    return await this.#ask(reference, namespace)
  }

  /** Custom resources tell by their scale. */
  async #ask(reference: OwnerReference, namespace: string): Promise<ScaledOwner | undefined> {
    const { apiVersion, kind, name, uid } = reference
    const [group = '', version] = apiVersion.includes('/')
      ? apiVersion.split('/')
      : ['', apiVersion]
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const { resources } = (await this.#client.raw('GET', root)) as APIResourceList
    const resource = resources.find((one) => one.kind === kind && !one.name.includes('/'))
    if (resource === undefined) throw new Error(`no matches for kind "${kind}" in "${apiVersion}"`)
    const plural = resource.name
    if (!resources.some((one) => one.name === `${plural}/scale`)) {
      throw new Error(
        `${group === '' ? plural : `${plural}.${group}`} does not implement the scale subresource`,
      )
    }
    try {
      const path = `${root}/namespaces/${namespace}/${plural}/${name}/scale`
      const scale = (await this.#client.raw('GET', path)) as Scaled
      return ownerOf(scale.metadata.uid === uid ? scale : undefined)
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }
}

function same<T extends KubeObject>(object: T | undefined, { uid }: OwnerReference): T | undefined {
  return object?.metadata.uid === uid ? object : undefined
}

function ownerOf(object: Scaled | undefined): ScaledOwner | undefined {
  if (object === undefined) return undefined
  return { uid: object.metadata.uid, replicas: object.spec.replicas ?? 0 }
}
