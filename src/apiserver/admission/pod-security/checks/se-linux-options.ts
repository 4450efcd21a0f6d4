import type { SELinuxOptions } from '../../../../kinds/core/v1/security-context.ts'
import {
  type Check,
  containersOf,
  type PodParts,
  plural,
  quoted,
  settersOf,
  sortedSet,
} from '../check.ts'

const TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t']

/** The options that break the rule: undefined where they do not. */
function badOptions(
  { seLinuxOptions: options }: { readonly seLinuxOptions?: SELinuxOptions | undefined } = {},
  types: readonly string[],
): SELinuxOptions | undefined {
  const { type = '', user = '', role = '' } = options ?? {}
  return types.includes(type) && user === '' && role === '' ? undefined : options
}

function findWith(types: readonly string[]) {
  return (pod: PodParts) => {
    const ofPod = badOptions(pod.spec.securityContext, types)
    const names: string[] = []
    const bad = ofPod === undefined ? [] : [ofPod]
    for (const { name, securityContext } of containersOf(pod)) {
      const options = badOptions(securityContext, types)
      if (options === undefined) continue
      names.push(name)
      bad.push(options)
    }
    if (bad.length === 0) return undefined
    const badTypes = sortedSet(bad.map(({ type = '' }) => type)).filter(
      (type) => !types.includes(type),
    )
    const faults: string[] = []
    if (badTypes.length > 0) faults.push(`${plural('type', badTypes.length)} ${quoted(badTypes)}`)
    if (bad.some(({ user = '' }) => user !== '')) faults.push('user may not be set')
    if (bad.some(({ role = '' }) => role !== '')) faults.push('role may not be set')
    const setters = settersOf(ofPod !== undefined, names)
    const what = 'set forbidden securityContext.seLinuxOptions'
    return { reason: 'seLinuxOptions', detail: `${setters} ${what}: ${faults.join('; ')}` }
  }
}

/** Container types of SELinux only, without user or role. */
export const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  revisions: [
    { since: 0, find: findWith(TYPES) },
    { since: 31, find: findWith([...TYPES, 'container_engine_t']) },
  ],
}
