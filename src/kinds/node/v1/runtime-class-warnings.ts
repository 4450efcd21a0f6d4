import { nodeLabelWarning } from '../../core/v1/node-label-warnings.ts'
import type { RuntimeClass } from './runtime-class.ts'

/** Labels of nodes that have newer names. */
export function* runtimeClassWarnings({ scheduling }: RuntimeClass): Iterable<string> {
  for (const key of Object.keys(scheduling?.nodeSelector ?? {})) {
    const warning = nodeLabelWarning(key)
    if (warning !== undefined) yield `scheduling.nodeSelector: ${warning}`
  }
}
