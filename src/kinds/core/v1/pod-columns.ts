import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn, since } from '../../column-text.ts'
import type { Pod } from './pod.ts'
import { summarizePod } from './pod-summary.ts'

/** What `kubectl get pods` shows. */
export const podColumns: readonly PrinterColumn<Pod>[] = [
  {
    name: 'Ready',
    type: 'string',
    description: 'How many of the containers are ready.',
    of: (pod) => {
      const { ready, total } = summarizePod(pod)
      return `${ready}/${total}`
    },
  },
  {
    name: 'Status',
    type: 'string',
    description: 'The state of the pod and its containers in one word.',
    of: (pod) => summarizePod(pod).reason,
  },
  {
    name: 'Restarts',
    type: 'string',
    description: 'How often containers were restarted, and when last.',
    of(pod, { now }) {
      const { restarts, lastRestart } = summarizePod(pod)
      if (restarts === 0 || lastRestart === undefined) return `${restarts}`
      return `${restarts} (${since(lastRestart, now)} ago)`
    },
  },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    wide: true,
    of: ({ status }) => status.podIPs?.[0]?.ip || '<none>',
  },
  { name: 'Node', type: 'string', wide: true, of: ({ spec }) => spec.nodeName || '<none>' },
  {
    name: 'Nominated Node',
    type: 'string',
    wide: true,
    of: ({ status }) => status.nominatedNodeName || '<none>',
  },
  { name: 'Readiness Gates', type: 'string', wide: true, of: readinessGates },
]

function readinessGates({ spec, status }: Pod): string {
  const { readinessGates: gates = [] } = spec
  if (gates.length === 0) return '<none>'
  const { conditions = [] } = status
  const open = gates.filter(({ conditionType }) => {
    return conditions.find(({ type }) => type === conditionType)?.status === 'True'
  })
  return `${open.length}/${gates.length}`
}
