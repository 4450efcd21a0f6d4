import type { Eventual } from '../../base/eventual.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import type { StorageClass } from '../../kinds/storage/v1/storage-class.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource } from './main-resource.ts'
import { newestDefault } from './newest-default.ts'

/** All storage classes as of now. */
export type ListStorageClasses = () => Eventual<readonly StorageClass[]>

/** How claims named their class before there was a field. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

/** A claim that names no class gets the default one; '' is a name, for claims that want none. */
export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = 'DefaultStorageClass'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = ['/persistentvolumeclaims']
  readonly #list: ListStorageClasses

  constructor(list: ListStorageClasses) {
    this.#list = list
  }

  async mutate(attributes: AdmissionAttributes): Promise<KubeObject | undefined> {
    if (!isMainResource(attributes, PersistentVolumeClaim)) return undefined
    const claim = attributes.object as PersistentVolumeClaim
    if (claim.spec.storageClassName !== undefined) return undefined
    if (claim.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return undefined
    const found = newestDefault(await this.#list(), DEFAULT_ANNOTATIONS)
    if (found === undefined) return undefined
    return {
      ...claim,
      spec: { ...claim.spec, storageClassName: found.metadata.name },
    } as KubeObject
  }
}

/** The class of a claim, '' where it has none. The annotation goes before the field. */
export function storageClassOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? ''
}
