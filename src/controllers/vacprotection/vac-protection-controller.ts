import { type Client, keyOf } from '../../client/client.ts'
import type { Informer, InformerEvent } from '../../client/lister.ts'
import { PersistentVolume } from '../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { VolumeAttributesClass } from '../../kinds/storage/v1/volume-attributes-class.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import {
  type Controller,
  type ControllerContext,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { protectionStep, setProtection } from '../runtime/protection.ts'

const FINALIZER = 'kubernetes.io/vac-protection'
const BY_CLASS = 'volumeAttributesClass'

/** Keeps classes that are deleted while a volume or claim has them or is on its way to them. */
export class VacProtectionController implements Controller {
  readonly name = 'volumeattributesclass-protection-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #classes: Informer<VolumeAttributesClass>
  readonly #volumes: Informer<PersistentVolume>
  readonly #claims: Informer<PersistentVolumeClaim>

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#classes = informers.for(VolumeAttributesClass)
    this.#volumes = informers.for(PersistentVolume)
    this.#claims = informers.for(PersistentVolumeClaim)
    this.#volumes.addIndex(BY_CLASS, classesOfVolume)
    this.#claims.addIndex(BY_CLASS, classesOfClaim)
    this.watches = [
      watch(this.#classes, ({ type, object }) => {
        const isDue = type !== 'DELETED' && protectionStep(object, FINALIZER) !== 'none'
        return isDue ? [keyOf(object)] : []
      }),
      watch(this.#volumes, (event) => freedBy(event, classesOfVolume)),
      watch(this.#claims, (event) => freedBy(event, classesOfClaim)),
    ]
  }

  async reconcile(name: string): Promise<undefined> {
    const found = this.#classes.get(name)
    if (found === undefined) return
    const step = protectionStep(found, FINALIZER)
    if (step === 'none' || (step === 'check' && this.#isUsed(name))) return
    await setProtection(this.#client, VolumeAttributesClass, found, FINALIZER, step === 'add')
  }

  #isUsed(name: string): boolean {
    const [volumes, claims] = [this.#volumes, this.#claims].map((one) =>
      one.byIndex(BY_CLASS, name),
    )
    return [...(volumes ?? []), ...(claims ?? [])].length > 0
  }
}

/** Those that the object no longer names, or all where it has gone. */
function freedBy<T extends KubeObject>(
  { type, object, old }: InformerEvent<T>,
  classesOf: (object: T) => readonly string[],
): readonly string[] {
  if (type === 'DELETED') return classesOf(object)
  const kept = classesOf(object)
  return old === undefined ? [] : classesOf(old).filter((name) => !kept.includes(name))
}

function classesOfVolume({ spec }: PersistentVolume): readonly string[] {
  const { volumeAttributesClassName: name = '' } = spec
  return name === '' ? [] : [name]
}

function classesOfClaim({ spec, status }: PersistentVolumeClaim): readonly string[] {
  const names = [
    spec.volumeAttributesClassName ?? '',
    status.currentVolumeAttributesClassName ?? '',
    status.modifyVolumeStatus?.targetVolumeAttributesClassName ?? '',
  ]
  return [...new Set(names)].filter((name) => name !== '')
}
