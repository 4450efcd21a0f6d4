import {
  containersOf,
  type PodParts,
  quoted,
  settersOf,
  sortedSet,
  type Violation,
} from '../check.ts'

interface Context {
  readonly securityContext?:
    | { readonly seccompProfile?: { readonly type: string } | undefined }
    | undefined
}

export const SECCOMP = 'seccompProfile'

/** The type of a profile that may not be: undefined where it is fine or not given. */
function badTypeOf({ securityContext }: Context): string | undefined {
  const type = securityContext?.seccompProfile?.type
  return type === 'RuntimeDefault' || type === 'Localhost' ? undefined : type
}

/** Where system calls are let through without a filter. */
export function findUnconfined(pod: PodParts): Violation | undefined {
  const ofPod = badTypeOf(pod.spec)
  const bad = containersOf(pod).filter((one) => badTypeOf(one) !== undefined)
  const names = bad.map(({ name }) => name)
  const setters = settersOf(ofPod !== undefined, names)
  if (setters === '') return undefined
  const types = [ofPod, ...bad.map(badTypeOf)].filter((one) => one !== undefined)
  const what = 'must not set securityContext.seccompProfile.type to'
  return { reason: SECCOMP, detail: `${setters} ${what} ${quoted(sortedSet(types))}` }
}
