import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn } from '../../column-text.ts'
import type { Node } from './node.ts'

const ROLE_PREFIX = 'node-role.kubernetes.io/'
const ROLE_LABEL = 'kubernetes.io/role'

/** What `kubectl get nodes` shows. */
export const nodeColumns: readonly PrinterColumn<Node>[] = [
  { name: 'Status', type: 'string', description: 'Whether pods can run.', of: nodeStatus },
  { name: 'Roles', type: 'string', description: 'The roles that labels give.', of: nodeRoles },
  ageColumn,
  { name: 'Version', type: 'string', of: ({ status }) => status.nodeInfo.kubeletVersion },
  { name: 'Internal-IP', type: 'string', wide: true, of: (node) => address(node, 'InternalIP') },
  { name: 'External-IP', type: 'string', wide: true, of: (node) => address(node, 'ExternalIP') },
  {
    name: 'OS-Image',
    type: 'string',
    wide: true,
    of: ({ status }) => status.nodeInfo.osImage || '<unknown>',
  },
  { name: 'Kernel-Version', type: 'string', wide: true, of: kernelVersion },
  {
    name: 'Container-Runtime',
    type: 'string',
    wide: true,
    of: ({ status }) => status.nodeInfo.containerRuntimeVersion || '<unknown>',
  },
]

function nodeStatus({ spec, status }: Node): string {
  const ready = status.conditions?.findLast(({ type }) => type === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec.unschedulable ? `${state},SchedulingDisabled` : state
}

function nodeRoles({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).map(([label, value]) => {
    if (label.startsWith(ROLE_PREFIX)) return label.slice(ROLE_PREFIX.length)
    return label === ROLE_LABEL ? value : ''
  })
  const known = [...new Set(roles)].filter((role) => role !== '').toSorted()
  return known.join(',') || '<none>'
}

function address({ status }: Node, wanted: string): string {
  return status.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>'
}

function kernelVersion({ status }: Node): string {
  const { kernelVersion: version, architecture } = status.nodeInfo
  const text = version || '<unknown>'
  return architecture === '' ? text : `${text} (${architecture})`
}
