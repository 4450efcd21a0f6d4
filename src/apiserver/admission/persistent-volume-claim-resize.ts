import type { Eventual } from '../../base/eventual.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import type { StorageClass } from '../../kinds/storage/v1/storage-class.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { storageClassOf } from './default-storage-class.ts'
import { isMainResource } from './main-resource.ts'
import { refuse } from './pods.ts'

/** Finds a storage class as of now; undefined where there is none. */
export type FindStorageClass = (name: string) => Eventual<StorageClass | undefined>

/** A claim may grow once it is bound, and if its class can make volumes grow. */
export class PersistentVolumeClaimResize implements AdmissionPlugin {
  readonly name = 'PersistentVolumeClaimResize'
  readonly operations: readonly Operation[] = ['UPDATE']
  readonly resources: readonly string[] = ['/persistentvolumeclaims']
  readonly #find: FindStorageClass

  constructor(find: FindStorageClass) {
    this.#find = find
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isMainResource(attributes, PersistentVolumeClaim)) return
    const claim = attributes.object as PersistentVolumeClaim
    const old = attributes.oldObject as PersistentVolumeClaim
    if (sizeOf(claim).compare(sizeOf(old)) <= 0) return
    if (old.status.phase !== 'Bound') {
      throw refuse(attributes, 'Only bound persistent volume claims can be expanded')
    }
    if (await this.#mayGrow(claim, old)) return
    throw refuse(
      attributes,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the ' +
        'pvc must support resize',
    )
  }

  async #mayGrow(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): Promise<boolean> {
    const name = storageClassOf(claim)
    if (name === '' || name !== storageClassOf(old)) return false
    return (await this.#find(name))?.allowVolumeExpansion === true
  }
}

function sizeOf({ spec }: PersistentVolumeClaim) {
  return parseQuantity(spec.resources?.requests?.['storage'] ?? '0')
}
