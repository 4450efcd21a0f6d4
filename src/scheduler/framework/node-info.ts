import type { Node } from '../../kinds/core/v1/node.ts'
import type { HostPort, PodInfo } from './pod-info.ts'
import { amountsOf, type ResourceAmounts } from './pod-requests.ts'

/**
 * A node with the pods that are on it or on their way to it, and sums over them that follow every
 * change. Plugins only read it.
 */
export class NodeInfo {
  readonly name: string
  #node: Node | undefined
  #allocatable: ResourceAmounts = new Map()
  /** Image name to its size in bytes. */
  #images: ReadonlyMap<string, number> = new Map()
  readonly #pods = new Map<string, PodInfo>()
  readonly #withAffinity = new Map<string, PodInfo>()
  readonly #withRequiredAntiAffinity = new Map<string, PodInfo>()
  readonly #requested = new Map<string, number>()
  readonly #nonZero = { cpu: 0, memory: 0 }
  /** `protocol/port` to how often each address has it. */
  readonly #ports = new Map<string, Map<string, number>>()
  /** Answers of `count`, until the pods change. */
  readonly #counts = new Map<string, number>()

  constructor(name: string) {
    this.name = name
  }

  /** Undefined while only pods are known of it. */
  get node(): Node | undefined {
    return this.#node
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node?.metadata.labels ?? NO_LABELS
  }

  label(key: string): string | undefined {
    const { labels } = this
    return Object.hasOwn(labels, key) ? labels[key] : undefined
  }

  get allocatable(): ResourceAmounts {
    return this.#allocatable
  }

  get images(): ReadonlyMap<string, number> {
    return this.#images
  }

  get requested(): ResourceAmounts {
    return this.#requested
  }

  /** With a small amount for containers that ask for none. */
  get nonZeroRequested(): { readonly cpu: number; readonly memory: number } {
    return this.#nonZero
  }

  get podCount(): number {
    return this.#pods.size
  }

  get pods(): Iterable<PodInfo> {
    return this.#pods.values()
  }

  /** Pods with any wish about other pods. */
  get podsWithAffinity(): ReadonlyMap<string, PodInfo> {
    return this.#withAffinity
  }

  get podsWithRequiredAntiAffinity(): ReadonlyMap<string, PodInfo> {
    return this.#withRequiredAntiAffinity
  }

  /** How many pods match; asked once for each key (which names the test) until the pods change. */
  count(key: string, matches: (info: PodInfo) => boolean): number {
    let count = this.#counts.get(key)
    if (count === undefined) {
      count = 0
      for (const info of this.#pods.values()) if (matches(info)) count++
      this.#counts.set(key, count)
    }
    return count
  }

  setNode(node: Node | undefined): void {
    this.#node = node
    this.#allocatable = amountsOf(node?.status.allocatable)
    const images = (node?.status.images ?? []).flatMap(({ names, sizeBytes }) =>
      (names ?? []).map((name) => [name, Number(sizeBytes ?? 0)] as const),
    )
    this.#images = new Map(images)
  }

  addPod(info: PodInfo): void {
    this.removePod(info.uid)
    const { uid, affinity } = info
    this.#pods.set(uid, info)
    const { required, requiredAnti, preferred, preferredAnti } = affinity
    if (required.length + requiredAnti.length + preferred.length + preferredAnti.length > 0) {
      this.#withAffinity.set(uid, info)
    }
    if (requiredAnti.length > 0) this.#withRequiredAntiAffinity.set(uid, info)
    this.#account(info, 1)
  }

  removePod(uid: string): void {
    const info = this.#pods.get(uid)
    if (info === undefined) return
    this.#pods.delete(uid)
    this.#withAffinity.delete(uid)
    this.#withRequiredAntiAffinity.delete(uid)
    this.#account(info, -1)
  }

  /** Whether a port is taken: the wildcard address collides with every address. */
  hasPortConflict({ ip, protocol, port }: HostPort): boolean {
    const taken = this.#ports.get(`${protocol}/${port}`)
    if (taken === undefined || taken.size === 0) return false
    return ip === '0.0.0.0' || taken.has(ip) || taken.has('0.0.0.0')
  }

  /** The same node with its own lists, to try changes on. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.name)
    copy.#node = this.#node
    copy.#allocatable = this.#allocatable
    copy.#images = this.#images
    for (const info of this.#pods.values()) copy.addPod(info)
    return copy
  }

  #account(info: PodInfo, sign: 1 | -1): void {
    this.#counts.clear()
    for (const [name, amount] of info.requests) {
      this.#requested.set(name, (this.#requested.get(name) ?? 0) + sign * amount)
    }
    this.#nonZero.cpu += sign * info.nonZero.cpu
    this.#nonZero.memory += sign * info.nonZero.memory
    for (const { ip, protocol, port } of info.hostPorts) {
      const key = `${protocol}/${port}`
      const taken = this.#ports.get(key) ?? new Map<string, number>()
      const count = (taken.get(ip) ?? 0) + sign
      if (count === 0) taken.delete(ip)
      else taken.set(ip, count)
      if (taken.size === 0) this.#ports.delete(key)
      else this.#ports.set(key, taken)
    }
  }
}

const NO_LABELS: Readonly<Record<string, string>> = {}
