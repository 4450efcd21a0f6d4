import type { PersistentVolume } from '../../../kinds/core/v1/persistent-volume.ts'
import type { Pod } from '../../../kinds/core/v1/pod.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import type { ObjectFollower } from '../follow-objects.ts'
import { objectsNeededBy, secretsOfVolume } from './pod-references.ts'

/** An object that belongs to one node by a field of its own, such as a VolumeAttachment. */
type NodeOwned = 'volumeattachment' | 'resourceslice' | 'podcertificaterequest'

/** What a pod has contributed, so that it can be taken back. */
interface PodEdges {
  readonly node: string
  readonly keys: readonly string[]
}

/**
 * Which objects lead to which node, kept as reference counts:
 *
 *     secret default/tls         → { n1: 2 pods, n3: 1 pod }
 *     persistentvolumeclaim ...  → { n1: 1 }   ← volume pv-1   ← secret kube-system/csi
 *
 * A look-up costs no walk over pods, however many share an object.
 */
export class NodeGraph {
  /** By `kind namespace/name`: how many pods of each node need it. */
  readonly #nodes = new Map<string, Map<string, number>>()
  readonly #pods = new Map<string, PodEdges>()
  /** The claim that a volume is bound to, by the volume's name. */
  readonly #claimOfVolume = new Map<string, string>()
  /** The volumes that need a secret, by the secret's `namespace/name`. */
  readonly #volumesOfSecret = new Map<string, Set<string>>()
  readonly #secretsOfVolume = new Map<string, readonly string[]>()
  readonly #owned = new Map<string, string>()

  readonly pods: ObjectFollower = {
    clear: () => {
      this.#pods.clear()
      this.#nodes.clear()
    },
    set: (object) => this.#setPod(object as Pod),
    delete: (object) => this.#removePod(keyOf(object)),
  }
  readonly persistentVolumes: ObjectFollower = {
    clear: () => {
      this.#claimOfVolume.clear()
      this.#volumesOfSecret.clear()
      this.#secretsOfVolume.clear()
    },
    set: (object) => this.#setVolume(object as PersistentVolume),
    delete: (object) => this.#removeVolume(object.metadata.name),
  }

  /** Follows objects that name their node; `nodeOf` reads it. */
  owned(kind: NodeOwned, nodeOf: (object: KubeObject) => string | undefined): ObjectFollower {
    const id = (object: KubeObject) => `${kind} ${keyOf(object)}`
    return {
      clear: () => {
        for (const key of [...this.#owned.keys()]) {
          if (key.startsWith(`${kind} `)) this.#owned.delete(key)
        }
      },
      set: (object) => {
        const node = nodeOf(object)
        if (node === undefined || node === '') this.#owned.delete(id(object))
        else this.#owned.set(id(object), node)
      },
      delete: (object) => this.#owned.delete(id(object)),
    }
  }

  /** Whether a node needs an object of a kind; `namespace` is '' at cluster scope. */
  leadsTo(node: string, kind: string, namespace: string, name: string): boolean {
    const key = `${namespace}/${name}`
    if (this.#owned.get(`${kind} ${key}`) === node) return true
    if (kind === 'persistentvolume') return this.#volumeLeadsTo(node, name)
    if (this.#nodes.get(`${kind} ${key}`)?.has(node) === true) return true
    if (kind !== 'secret') return false
    const volumes = this.#volumesOfSecret.get(key)
    return volumes !== undefined && [...volumes].some((one) => this.#volumeLeadsTo(node, one))
  }

  #volumeLeadsTo(node: string, volume: string): boolean {
    const claim = this.#claimOfVolume.get(volume)
    if (claim === undefined) return false
    return this.#nodes.get(`persistentvolumeclaim ${claim}`)?.has(node) === true
  }

  #setPod(pod: Pod): void {
    const key = keyOf(pod)
    this.#removePod(key)
    const node = pod.spec.nodeName ?? ''
    if (node === '') return
    const { namespace } = pod.metadata
    const needed = [...objectsNeededBy(pod)].map(({ kind, name }) => `${kind} ${namespace}/${name}`)
    const keys = [...new Set(needed)]
    this.#pods.set(key, { node, keys })
    for (const one of keys) {
      let counts = this.#nodes.get(one)
      if (counts === undefined) {
        counts = new Map()
        this.#nodes.set(one, counts)
      }
      counts.set(node, (counts.get(node) ?? 0) + 1)
    }
  }

  #removePod(key: string): void {
    const edges = this.#pods.get(key)
    if (edges === undefined) return
    this.#pods.delete(key)
    for (const one of edges.keys) {
      const counts = this.#nodes.get(one)
      const left = (counts?.get(edges.node) ?? 1) - 1
      if (left > 0) counts?.set(edges.node, left)
      else counts?.delete(edges.node)
      if (counts?.size === 0) this.#nodes.delete(one)
    }
  }

  #setVolume(volume: PersistentVolume): void {
    const { name } = volume.metadata
    this.#removeVolume(name)
    const { claimRef } = volume.spec
    if (claimRef === undefined) return
    this.#claimOfVolume.set(name, `${claimRef.namespace}/${claimRef.name}`)
    const secrets = [...new Set(secretsOfVolume(volume))]
    this.#secretsOfVolume.set(name, secrets)
    for (const secret of secrets) {
      const volumes = this.#volumesOfSecret.get(secret)
      if (volumes === undefined) this.#volumesOfSecret.set(secret, new Set([name]))
      else volumes.add(name)
    }
  }

  #removeVolume(name: string): void {
    this.#claimOfVolume.delete(name)
    for (const secret of this.#secretsOfVolume.get(name) ?? []) {
      const volumes = this.#volumesOfSecret.get(secret)
      volumes?.delete(name)
      if (volumes?.size === 0) this.#volumesOfSecret.delete(secret)
    }
    this.#secretsOfVolume.delete(name)
  }
}

function keyOf({ metadata: { namespace = '', name } }: KubeObject): string {
  return `${namespace}/${name}`
}
