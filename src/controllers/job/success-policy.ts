import { countIndexes } from '../../kinds/batch/v1/index-intervals.ts'
import type { Job } from '../../kinds/batch/v1/job.ts'
import { countCommon, type IndexList, readIndexes } from './index-list.ts'

/** The message of the first rule that the succeeded indexes fulfil. */
export function matchSuccessPolicy({ spec }: Job, succeeded: IndexList): string | undefined {
  const { successPolicy, completions = 0 } = spec
  if (successPolicy === undefined || succeeded.length === 0) return undefined
  const at = successPolicy.rules.findIndex(({ succeededIndexes, succeededCount }) => {
    const needed = succeededCount ?? Number.POSITIVE_INFINITY
    if (succeededIndexes === undefined) return countIndexes(succeeded) >= needed
    const wanted = readIndexes(succeededIndexes, completions)
    if (wanted.length === 0) return false
    const common = countCommon(wanted, succeeded)
    return common === countIndexes(wanted) || common >= needed
  })
  return at < 0 ? undefined : `Matched rules at index ${at}`
}
