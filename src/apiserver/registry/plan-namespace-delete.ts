import { formatTime } from '../../base/clock.ts'
import type { Namespace } from '../../kinds/core/v1/namespace.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { DeleteOptions } from '../../machinery/meta-options.ts'
import { checkPreconditions, type DeletePlan, planDelete } from './plan-delete.ts'

/**
 * A namespace is emptied before it goes: the first deletion makes it Terminating, and it ends when
 * nobody in `spec.finalizers` is left.
 */
export function planNamespaceDelete(
  kind: Kind,
  object: KubeObject,
  options: DeleteOptions,
  now: number,
): DeletePlan {
  const namespace = object as Namespace
  checkPreconditions(kind, object, options)
  if (namespace.metadata.deletionTimestamp !== undefined) {
    if ((namespace.spec.finalizers ?? []).length > 0) return { type: 'pending' }
    return planDelete(kind, object, options, now)
  }
  const finalizers = finalizersFor(namespace.metadata.finalizers ?? [], options)
  const { finalizers: _, ...metadata } = namespace.metadata
  const marked = {
    ...namespace,
    metadata: {
      ...metadata,
      deletionTimestamp: formatTime(now),
      ...(finalizers.length > 0 && { finalizers }),
    },
    status: { ...namespace.status, phase: 'Terminating' as const },
  }
  return { type: 'mark', object: marked as unknown as KubeObject }
}

function finalizersFor(
  current: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
): readonly string[] {
  const wants = (finalizer: string, isAsked: boolean, policy: string) => {
    if (orphanDependents !== undefined) return isAsked
    if (propagationPolicy !== undefined) return propagationPolicy === policy
    return current.includes(finalizer)
  }
  const others = current.filter((one) => one !== 'orphan' && one !== 'foregroundDeletion')
  if (wants('orphan', orphanDependents === true, 'Orphan')) others.push('orphan')
  if (wants('foregroundDeletion', orphanDependents === false, 'Foreground')) {
    others.push('foregroundDeletion')
  }
  return others
}
