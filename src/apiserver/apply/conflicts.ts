import { StatusError } from '../../machinery/status-error.ts'
import { type FieldSet, formatFieldPath } from './field-set.ts'
import { formatManager, type Manager } from './managed-fields.ts'

/** Fields that an applied configuration would take from a manager. */
export interface Conflict {
  readonly manager: Manager
  readonly fields: FieldSet
}

/** The 409 that names every field and who owns it, in upstream's words. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const all = conflicts
    .map(({ manager, fields }) => ({
      manager: formatManager(manager),
      paths: [...fields.paths()].map(formatFieldPath).toSorted(),
    }))
    .toSorted((a, b) => (a.manager < b.manager ? -1 : 1))
  const causes = all.flatMap(({ manager, paths }) =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${manager}`,
      field,
    })),
  )
  const [first] = causes
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${first?.message}: ${first?.field}`
      : `Apply failed with ${causes.length} conflicts: ${all
          .map(({ manager, paths }) =>
            [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)].join('\n'),
          )
          .join('\n')}`
  return new StatusError('Conflict', message, { details: { causes } })
}
