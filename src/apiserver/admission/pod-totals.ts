import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Amounts } from '../../kinds/quota/amounts.ts'
import { podLimits, podRequests } from '../../kinds/quota/pod-resources.ts'

/** What a pod asks for, overhead included; what it has at the moment does not count. */
export function podTotal({ spec }: Pod, part: 'requests' | 'limits'): Amounts {
  return part === 'requests' ? podRequests({ spec }) : podLimits({ spec })
}
