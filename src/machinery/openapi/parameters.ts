import type { Form, Part } from './schema-object.ts'

/** A parameter of the path or the query. */
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly type: 'string' | 'boolean' | 'integer'
  readonly required?: true
  readonly description: string
}

const query = (name: string, type: Parameter['type'], description: string): Parameter => ({
  name,
  in: 'query',
  type,
  description,
})

export const PRETTY = query('pretty', 'string', 'Indents the answer for people.')

export const NAMESPACE: Parameter = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  required: true,
  description: 'The namespace of the object.',
}

/** The name in the path, for objects of this kind. */
export function nameParameter(kind: string): Parameter {
  const description = `The name of the ${kind}.`
  return { name: 'name', in: 'path', type: 'string', required: true, description }
}

const DRY_RUN = query('dryRun', 'string', 'All: does everything but storing.')
const FIELD_MANAGER = query('fieldManager', 'string', 'Who owns the fields that are set.')
const FIELD_VALIDATION = query(
  'fieldValidation',
  'string',
  'What becomes of unknown and repeated fields: Ignore, Warn or Strict.',
)

/** Which objects, from which version on, and how many at once. */
export const LIST: readonly Parameter[] = [
  query('allowWatchBookmarks', 'boolean', 'Lets a watch report how far it is.'),
  query('continue', 'string', 'The token from the part of the list before.'),
  query('fieldSelector', 'string', 'Selects objects by their fields.'),
  query('labelSelector', 'string', 'Restricts the list of returned objects by their labels.'),
  query('limit', 'integer', 'The most objects in one answer.'),
  query('resourceVersion', 'string', 'The version that the answer must have or reach.'),
  query('resourceVersionMatch', 'string', 'Whether that version is meant exactly or at least.'),
  query('sendInitialEvents', 'boolean', 'Begins a watch with what there is.'),
  query('shardSelector', 'string', 'Selects a part of the objects by a hash.'),
  query('timeoutSeconds', 'integer', 'When the request ends at the latest.'),
  query(
    'watch',
    'boolean',
    'Watch for changes to the described resources instead of listing them.',
  ),
]

const NOT_FOR_COLLECTIONS = new Set(['allowWatchBookmarks', 'watch'])

/** How a deletion happens, and what becomes of dependents. */
export const DELETE: readonly Parameter[] = [
  DRY_RUN,
  query('gracePeriodSeconds', 'integer', 'The seconds until the deletion is final.'),
  query(
    'ignoreStoreReadErrorWithClusterBreakingPotential',
    'boolean',
    'Removes even what cannot be read.',
  ),
  query('orphanDependents', 'boolean', 'Older form of propagationPolicy.'),
  query('propagationPolicy', 'string', 'Foreground, Background or Orphan.'),
]

export const DELETE_COLLECTION: readonly Parameter[] = [
  ...DELETE,
  ...LIST.filter(({ name }) => !NOT_FOR_COLLECTIONS.has(name)),
].toSorted((a, b) => (a.name < b.name ? -1 : 1))

export const WRITE: readonly Parameter[] = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION]

export const PATCH: readonly Parameter[] = [
  ...WRITE,
  query('force', 'boolean', 'Lets an apply take fields from other managers.'),
]

/** How a document of this form writes a parameter. */
export function parameterPart(parameter: Parameter, form: Form): Part {
  const { name, type, required, description } = parameter
  const common = { name, in: parameter.in, description, ...(required ? { required } : {}) }
  const schema = { type, uniqueItems: true }
  return form === 'v3' ? { ...common, schema } : { ...common, ...schema }
}
