import { FieldPath } from '../../../machinery/field-error.ts'
import { byteWarnings } from '../../core/v1/container-warnings.ts'
import { templateWarnings, workloadUpdateWarnings } from '../../core/v1/workload-warnings.ts'
import type { StatefulSet } from './stateful-set.ts'

const CLAIMS = FieldPath.root.child('spec', 'volumeClaimTemplates')

/** What a new StatefulSet hardly means as it says. */
export function* statefulSetWarnings(statefulSet: StatefulSet): Iterable<string> {
  yield* templateWarnings(statefulSet)
  yield* ownWarnings(statefulSet)
}

export function* statefulSetUpdateWarnings(
  statefulSet: StatefulSet,
  old: StatefulSet,
): Iterable<string> {
  yield* workloadUpdateWarnings(statefulSet, old)
  if (statefulSet.metadata.generation !== old.metadata.generation) yield* ownWarnings(statefulSet)
}

function* ownWarnings({ spec }: StatefulSet): Iterable<string> {
  for (const [index, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
    const { requests, limits } = claim.spec.resources ?? {}
    const path = CLAIMS.index(index).child('resources')
    yield* byteWarnings(requests, path.child('requests'), ['storage'])
    yield* byteWarnings(limits, path.child('limits'), ['storage'])
  }
  if (spec.revisionHistoryLimit >= 0) return
  const what = 'a negative value retains all historical revisions; a value >= 0 is recommended'
  yield `spec.revisionHistoryLimit: ${what}`
}
