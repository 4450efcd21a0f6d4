import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import type { PodFailure } from '../pods/active-deadline.ts'
import { amountOf } from '../pods/pod-requests.ts'

/** What a pod has written to the node's disk, in bytes. */
export interface StorageUse {
  /** Of `emptyDir` volumes on the disk, by name. */
  readonly volumes: ReadonlyMap<string, number>
  /** Of containers, by name: their own layer and their logs. */
  readonly containers: ReadonlyMap<string, number>
}

const STORAGE = 'ephemeral-storage'

/** Only such a pod has to be measured. */
export function hasStorageLimit({ spec: { volumes = [], containers } }: Pod): boolean {
  return (
    volumes.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined && isOnDisk(emptyDir)) ||
    containers.some(({ resources }) => resources?.limits?.[STORAGE] !== undefined)
  )
}

function isOnDisk({ medium = '' }: { readonly medium?: string | undefined }): boolean {
  return medium === ''
}

/** Why a pod has to go that has written more than it may; upstream's order and words. */
export function storageExcess({ spec }: Pod, use: StorageUse): PodFailure | undefined {
  const evicted = (message: string) => ({ reason: 'Evicted', message, isEviction: true })
  for (const { name, emptyDir } of spec.volumes ?? []) {
    if (emptyDir?.sizeLimit === undefined || !isOnDisk(emptyDir)) continue
    const limit = parseQuantity(emptyDir.sizeLimit).toNumber()
    if (limit > 0 && (use.volumes.get(name) ?? 0) > limit) {
      const text = `"${name}" exceeds the limit "${emptyDir.sizeLimit}"`
      return evicted(`Usage of EmptyDir volume ${text}. `)
    }
  }
  const limits = spec.containers.map(({ resources }) => amountOf(STORAGE, resources?.limits))
  if (limits.every((limit) => limit > 0)) {
    const limit = limits.reduce((sum, one) => sum + one, 0)
    if (sumOf(use.volumes) + sumOf(use.containers) > limit) {
      const texts = spec.containers.map(({ resources }) => resources?.limits?.[STORAGE])
      const total = texts.length === 1 ? texts[0] : `${limit}`
      return evicted(
        `Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `,
      )
    }
  }
  for (const [index, { name, resources }] of spec.containers.entries()) {
    const limit = limits[index] ?? 0
    if (limit > 0 && (use.containers.get(name) ?? 0) > limit) {
      const text = resources?.limits?.[STORAGE]
      return evicted(`Container ${name} exceeded its local ephemeral storage limit "${text}". `)
    }
  }
  return undefined
}

function sumOf(amounts: ReadonlyMap<string, number>): number {
  return [...amounts.values()].reduce((sum, one) => sum + one, 0)
}
