import { type LabelSelectorSpec, selectorOf } from '../../machinery/label-selector.ts'
import type { ObjectMeta } from '../../machinery/object-meta.ts'

/**
 * Whether a selector asks for something and an object has it. One that is not valid selects
 * nothing: the reconciliation of the object that holds it reports that.
 */
export function selects(spec: LabelSelectorSpec | undefined, { labels }: ObjectMeta): boolean {
  try {
    const selector = selectorOf(spec)
    return !selector.isEverything && selector.matches(labels)
  } catch {
    return false
  }
}
