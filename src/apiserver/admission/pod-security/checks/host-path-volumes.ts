import { type Check, type PodParts, plural, quoted } from '../check.ts'

function find({ spec }: PodParts) {
  const volumes = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined)
  if (volumes.length === 0) return undefined
  const names = quoted(volumes.map(({ name }) => name))
  return { reason: 'hostPath volumes', detail: `${plural('volume', volumes.length)} ${names}` }
}

/** No directories of the node. */
export const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  revisions: [{ since: 0, find }],
}
