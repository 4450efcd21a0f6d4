import {
  type Check,
  containersOf,
  type PodParts,
  plural,
  quoted,
  settersOf,
  sortedSet,
} from '../check.ts'

const ANNOTATION_PREFIX = 'container.apparmor.security.beta.kubernetes.io/'

interface Context {
  readonly securityContext?:
    | { readonly appArmorProfile?: { readonly type: string } | undefined }
    | undefined
}

/** The profile of a container that may not be: undefined where it is fine. */
function badTypeOf({ securityContext }: Context): string | undefined {
  const type = securityContext?.appArmorProfile?.type
  return type === 'RuntimeDefault' || type === 'Localhost' ? undefined : type
}

function isAllowedAnnotation(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/')
}

function find(pod: PodParts) {
  const ofPod = badTypeOf(pod.spec)
  const containers = containersOf(pod).filter((one) => badTypeOf(one) !== undefined)
  const annotations = Object.entries(pod.annotations)
    .filter(([key, value]) => key.startsWith(ANNOTATION_PREFIX) && !isAllowedAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
  const setters = settersOf(
    ofPod !== undefined,
    containers.map(({ name }) => name),
  )
  const who = [
    ...(setters === '' ? [] : [setters]),
    ...(annotations.length === 0 ? [] : [plural('annotation', annotations.length)]),
  ]
  if (who.length === 0) return undefined
  const types = [ofPod, ...containers.map(badTypeOf)].filter((one) => one !== undefined)
  const values = [...sortedSet(types), ...annotations]
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  }
}

/** The runtime's AppArmor profile stays on, or another is put in its place. */
export const appArmorProfile: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  revisions: [{ since: 0, find }],
}
