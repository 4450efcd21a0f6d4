import type { KubeObject } from '../../machinery/kind.ts'
import { parseQuantity, type Quantity } from '../../machinery/quantity.ts'
import { PersistentVolumeClaim } from '../core/v1/persistent-volume-claim.ts'
import { type Amounts, amountsOf, areEqual } from './amounts.ts'
import { countNameOf, ONE, type QuotaChange, type QuotaEvaluator } from './evaluator.ts'
import { matchesValue } from './scopes.ts'

const COUNT = countNameOf(PersistentVolumeClaim)
const CLAIMS = 'persistentvolumeclaims'
const STORAGE = 'requests.storage'
/** `gold.storageclass.storage.k8s.io/requests.storage`: the same for one class. */
const OF_CLASS = '.storageclass.storage.k8s.io/'
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** Claims and the storage that they ask for, altogether and by class. */
export const persistentVolumeClaimEvaluator: QuotaEvaluator = {
  kind: PersistentVolumeClaim,

  covers: (resource) =>
    [COUNT, CLAIMS, STORAGE].includes(resource) ||
    [CLAIMS, STORAGE].some((name) => resource.endsWith(`${OF_CLASS}${name}`)),

  usageOf(object: KubeObject): Amounts {
    const claim = object as PersistentVolumeClaim
    const { metadata, spec } = claim
    const className = metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? ''
    const storage = storageOf(claim)
    const usage = new Map([
      [CLAIMS, ONE],
      [COUNT, ONE],
    ])
    if (className !== '') usage.set(`${className}${OF_CLASS}${CLAIMS}`, ONE)
    if (storage === undefined) return usage
    usage.set(STORAGE, storage)
    if (className !== '') usage.set(`${className}${OF_CLASS}${STORAGE}`, storage)
    return usage
  },

  isInScope(scope, object) {
    if (scope.scopeName !== 'VolumeAttributesClass') return false
    const names = attributesClassesOf(object as PersistentVolumeClaim)
    if (names.length === 0) return matchesValue(scope, undefined)
    return names.some((name) => matchesValue(scope, name))
  },

  handles({ operation, subresource, object, oldObject }: QuotaChange) {
    if (subresource === '') return operation === 'CREATE' || operation === 'UPDATE'
    if (subresource !== 'status' || object === undefined || oldObject === undefined) return false
    return this.frees(object, oldObject)
  },

  frees(object, old) {
    const [claim, before] = [object as PersistentVolumeClaim, old as PersistentVolumeClaim]
    const [allocated, allocatedBefore] = [claim, before].map(({ status }) =>
      amountsOf(status.allocatedResources),
    )
    if (!areEqual(allocated ?? new Map(), allocatedBefore ?? new Map())) return true
    const [names, namesBefore] = [claim, before].map((one) => attributesClassesOf(one).sort())
    return String(names) !== String(namesBefore)
  },
}

/** In whole bytes: what is asked for, or set aside already by an expansion that went further. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = spec.resources?.requests?.['storage']
  if (asked === undefined) return undefined
  const request = parseQuantity(asked).roundUp(0)
  const allocated = status.allocatedResources?.['storage']
  if (allocated === undefined) return request
  const reserved = parseQuantity(allocated).roundUp(0)
  return reserved.compare(request) > 0 ? reserved : request
}

/** Those that a claim has, wants and is on its way to. */
function attributesClassesOf({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[]
}
