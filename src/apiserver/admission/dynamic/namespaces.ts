import { Namespace } from '../../../kinds/core/v1/namespace.ts'
import type { Labels, Selector } from '../../../machinery/label-selector.ts'
import { notFound } from '../../../machinery/status-error.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { AdmissionTarget } from './admission-target.ts'

/** Decides by the labels of a write's namespace. */
export class NamespaceSelection {
  readonly #resources: ResourceTable

  constructor(resources: ResourceTable) {
    this.#resources = resources
  }

  /**
   * Whether a namespaceSelector lets a write pass. What has no namespace passes, but for Namespaces
   * themselves. Rejects with 404 for a namespace that does not exist.
   */
  async matches(selector: Selector, target: AdmissionTarget): Promise<boolean> {
    const { namespace, resource } = target
    if (namespace === '' && resource.resource !== 'namespaces') return true
    if (selector.isEverything) return true
    return selector.matches(await this.#labelsFor(target))
  }

  /** The namespace of this name, also where the cache lags behind. Rejects with 404. */
  async find(name: string): Promise<Namespace> {
    const { cache } = this.#resources.store(Namespace)
    await cache.notOlderThan(0)
    let stored = cache.get('', name)
    if (stored === undefined && name !== '') {
      await cache.fresh()
      stored = cache.get('', name)
    }
    if (stored === undefined) throw notFound(Namespace, name)
    return stored.object as Namespace
  }

  /** A Namespace that is being written decides by the labels that it is given. */
  async #labelsFor(target: AdmissionTarget): Promise<Labels | undefined> {
    const { resource, subresource, operation, attributes, namespace } = target
    const isItself = resource.resource === 'namespaces' && subresource === ''
    if (isItself && (operation === 'CREATE' || operation === 'UPDATE')) {
      return attributes.object?.metadata.labels
    }
    return (await this.find(namespace)).metadata.labels
  }
}

/** Whether an objectSelector lets a write pass: by the new object's labels, or by the old one's. */
export function matchesObjects(
  selector: Selector,
  { attributes: { object, oldObject } }: AdmissionTarget,
): boolean {
  if (selector.isEverything) return true
  return [object, oldObject].some(
    (one) => one !== undefined && selector.matches(one.metadata?.labels),
  )
}
