import type { ReflectorContext } from '../../client/reflector.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { type PodReferences, podReferences } from './pod-references.ts'
import { ReferencedObjects } from './referenced-objects.ts'

/** The ConfigMaps and Secrets that this node's pods refer to, always as they are now. */
export class PodObjects {
  readonly #configMaps: ReferencedObjects<ConfigMap>
  readonly #secrets: ReferencedObjects<Secret>
  readonly #pods = new Map<string, { namespace: string; references: PodReferences }>()

  /** `onChange` hears the uid of each pod that refers to an object that has changed. */
  constructor(context: ReflectorContext, signal: AbortSignal, onChange: (uid: string) => void) {
    const tell = (sort: keyof PodReferences) => (key: string) => {
      for (const [uid, { namespace, references }] of this.#pods) {
        if (references[sort].some((name) => `${namespace}/${name}` === key)) onChange(uid)
      }
    }
    this.#configMaps = new ReferencedObjects(ConfigMap, context, signal, tell('configMaps'))
    this.#secrets = new ReferencedObjects(Secret, context, signal, tell('secrets'))
  }

  /** Watches what a pod refers to; again after its specification has changed. */
  register(pod: Pod): void {
    const { uid, namespace } = pod.metadata
    const before = this.#pods.get(uid)
    const references = podReferences(pod)
    if (before !== undefined && isSame(before.references, references)) return
    for (const name of references.configMaps) this.#configMaps.acquire(namespace, name)
    for (const name of references.secrets) this.#secrets.acquire(namespace, name)
    this.#pods.set(uid, { namespace, references })
    if (before !== undefined) this.#release(before)
  }

  unregister(uid: string): void {
    const before = this.#pods.get(uid)
    if (before === undefined) return
    this.#pods.delete(uid)
    this.#release(before)
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#configMaps.get(namespace, name)
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#secrets.get(namespace, name)
  }

  /** Resolves when no watch is left; the signal must have aborted. */
  async stopped(): Promise<void> {
    await Promise.all([this.#configMaps.stopped(), this.#secrets.stopped()])
  }

  #release({ namespace, references }: { namespace: string; references: PodReferences }): void {
    for (const name of references.configMaps) this.#configMaps.release(namespace, name)
    for (const name of references.secrets) this.#secrets.release(namespace, name)
  }
}

function isSame(a: PodReferences, b: PodReferences): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The keys of a Secret as text, for variables. */
export function secretTexts({ data = {} }: Secret): Readonly<Record<string, string>> {
  const texts = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString(),
  ])
  return Object.fromEntries(texts)
}
