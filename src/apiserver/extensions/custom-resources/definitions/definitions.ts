import type { CustomResourceDefinition } from '../../../../kinds/apiextensions/v1/custom-resource-definition.ts'

/** All definitions that there are, as far as this server has been told. */
export class Definitions {
  readonly #byName = new Map<string, CustomResourceDefinition>()

  get(name: string): CustomResourceDefinition | undefined {
    return this.#byName.get(name)
  }

  all(): IterableIterator<CustomResourceDefinition> {
    return this.#byName.values()
  }

  /** False for a state that is older than the one that is known. */
  set(definition: CustomResourceDefinition): boolean {
    const { name, resourceVersion } = definition.metadata
    const known = this.#byName.get(name)
    if (known !== undefined && Number(known.metadata.resourceVersion) > Number(resourceVersion)) {
      return false
    }
    this.#byName.set(name, definition)
    return true
  }

  delete(name: string): void {
    this.#byName.delete(name)
  }
}
