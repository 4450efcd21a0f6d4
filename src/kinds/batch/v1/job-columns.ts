import { formatHumanDuration } from '../../../machinery/duration.ts'
import type { PrinterColumn } from '../../../machinery/kind.ts'
import { parseTime } from '../../../machinery/time.ts'
import { ageColumn, containerColumns, selectorColumnText } from '../../column-text.ts'
import type { Job } from './job.ts'

/** What `kubectl get jobs` shows. */
export const jobColumns: readonly PrinterColumn<Job>[] = [
  { name: 'Status', type: 'string', description: 'Where the Job stands.', of: jobState },
  { name: 'Completions', type: 'string', of: completionsText },
  {
    name: 'Duration',
    type: 'string',
    description: 'How long the Job has run, or ran.',
    of({ status }, { now }) {
      if (status.startTime === undefined) return ''
      const end = status.completionTime === undefined ? now : parseTime(status.completionTime)
      return formatHumanDuration(end - parseTime(status.startTime))
    },
  },
  ageColumn,
  ...containerColumns<Job>(({ spec }) => spec.template.spec.containers),
  {
    name: 'Selector',
    type: 'string',
    wide: true,
    of: ({ spec }) => selectorColumnText(spec.selector),
  },
]

function jobState({ metadata, status }: Job): string {
  const isTrue = (wanted: string) =>
    status.conditions?.some(({ type, status: value }) => type === wanted && value === 'True')
  if (isTrue('Complete')) return 'Complete'
  if (isTrue('Failed')) return 'Failed'
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (isTrue('Suspended')) return 'Suspended'
  if (isTrue('FailureTarget')) return 'FailureTarget'
  return isTrue('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

function completionsText({ spec, status }: Job): string {
  const { succeeded = 0 } = status
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  return spec.parallelism > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`
}
