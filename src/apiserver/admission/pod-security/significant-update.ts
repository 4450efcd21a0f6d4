import type { Pod } from '../../../kinds/core/v1/pod.ts'

interface Images {
  readonly name: string
  readonly image?: string | undefined
}

/** True where an update brings containers or images: the rest of what counts cannot change. */
export function isSignificantUpdate({ spec }: Pod, { spec: old }: Pod): boolean {
  const pairs: readonly (readonly [readonly Images[], readonly Images[]])[] = [
    [spec.containers, old.containers],
    [spec.initContainers ?? [], old.initContainers ?? []],
  ]
  const hasChanged = pairs.some(
    ([after, before]) =>
      after.length !== before.length ||
      after.some(({ image }, index) => image !== before[index]?.image),
  )
  if (hasChanged) return true
  const before = old.ephemeralContainers ?? []
  return (spec.ephemeralContainers ?? []).some((one) => {
    const same = before.find(({ name }) => name === one.name)
    return same === undefined || same.image !== one.image
  })
}
