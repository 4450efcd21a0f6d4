import { StatusError } from '../status-error.ts'
import type { FieldSet } from './field-set.ts'
import type { ManagerIdentity } from './managers.ts'
import { formatFieldPath } from './path-element.ts'

/** Fields that an applied configuration would take from a manager. */
export interface Conflict {
  readonly owner: ManagerIdentity
  readonly fields: FieldSet
}

/** Raised within an apply that would take fields from others; sorted by manager. */
export class ApplyConflicts extends Error {
  override readonly name = 'ApplyConflicts'
  readonly conflicts: readonly Conflict[]

  constructor(conflicts: readonly Conflict[]) {
    super('the configuration conflicts with other managers')
    this.conflicts = conflicts
  }
}

/** The 409 that names every field and who owns it, in upstream's words. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const all = conflicts.map(({ owner, fields }) => ({
    owner: formatOwner(owner),
    paths: [...fields.paths()].map(formatFieldPath),
  }))
  const causes = all.flatMap(({ owner, paths }) =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${owner}`,
      field,
    })),
  )
  return new StatusError('Conflict', messageFor(all), { details: { causes } })
}

interface NamedConflict {
  readonly owner: string
  readonly paths: readonly string[]
}

function messageFor(all: readonly NamedConflict[]): string {
  const count = all.reduce((sum, { paths }) => sum + paths.length, 0)
  if (count === 1) {
    const [first] = all
    return `Apply failed with 1 conflict: conflict with ${first?.owner}: ${first?.paths[0]}`
  }
  const lines = all.flatMap(({ owner, paths }) => [
    `conflicts with ${owner}:`,
    ...paths.map((path) => `- ${path}`),
  ])
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`
}

function formatOwner({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  const below = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`
  const name = `${JSON.stringify(manager)}${below}`
  return operation === 'Apply' ? name : `${name} using ${apiVersion}`
}
