import { type Plugin, unresolvable } from '../framework/plugin.ts'

const MISMATCH = unresolvable("node(s) didn't match the requested node name")

/** A pod that names its node goes there or nowhere. */
export const nodeName: Plugin = {
  name: 'NodeName',
  filter(_state, { pod }, { name }) {
    const wanted = pod.spec.nodeName ?? ''
    return wanted === '' || wanted === name ? undefined : MISMATCH
  },
  helpedBy: ['Node/Added'],
  isHelpful: (event, pod) => event.object.metadata.name === pod.spec.nodeName,
}
