import { deepEqual } from '../../../machinery/deep-equal.ts'

type Fields = Readonly<Record<string, unknown>>

/** A Swagger 2.0 document, as far as merging needs to know it. */
export interface Swagger extends Fields {
  readonly paths?: Fields
  readonly definitions?: Readonly<Record<string, Fields>>
}

const REFERENCE = '#/definitions/'
const KINDS = 'x-kubernetes-group-version-kind'

/** What of a document belongs to the paths below a prefix: those, and the definitions they use. */
export function swaggerBelow(document: Swagger, prefix: string): Swagger {
  const { definitions = {} } = document
  const paths = Object.entries(document.paths ?? {}).filter(([path]) => path.startsWith(prefix))
  const used = new Map<string, Fields>()
  const add = (part: unknown) => {
    for (const name of referencesIn(part)) {
      const definition = definitions[name]
      if (used.has(name) || definition === undefined) continue
      used.set(name, definition)
      add(definition)
    }
  }
  for (const [, path] of paths) add(path)
  return { paths: Object.fromEntries(paths), definitions: Object.fromEntries(used) }
}

/**
 * One document of several. The first one that has a path keeps it; a definition that another one
 * has under the same name with other contents gets a name of its own (`NAME_v2`), as upstream's.
 */
export function mergeSwagger(first: Swagger, others: readonly Swagger[]): Swagger {
  const paths: Record<string, unknown> = { ...first.paths }
  const definitions: Record<string, Fields> = { ...first.definitions }
  for (const other of others) {
    const renamed = new Map<string, string>()
    for (const [name, definition] of Object.entries(other.definitions ?? {})) {
      const free = nameFor(name, definition, definitions)
      if (free !== name) renamed.set(name, free)
    }
    for (const [name, definition] of Object.entries(other.definitions ?? {})) {
      const free = renamed.get(name) ?? name
      const known = definitions[free]
      const added = withNames(definition, renamed) as Fields
      definitions[free] = known === undefined ? added : withKindsOf(known, added)
    }
    for (const [path, item] of Object.entries(other.paths ?? {})) {
      if (!Object.hasOwn(paths, path)) paths[path] = withNames(item, renamed)
    }
  }
  return { ...first, paths: sorted(paths), definitions: sorted(definitions) }
}

function nameFor(
  name: string,
  definition: Fields,
  known: Readonly<Record<string, Fields>>,
): string {
  for (let free = name, number = 2; ; free = `${name}_v${number++}`) {
    const other = known[free]
    if (other === undefined || deepEqual(withoutKinds(other), withoutKinds(definition))) return free
  }
}

function withoutKinds({ [KINDS]: _kinds, ...rest }: Fields): Fields {
  return rest
}

/** One definition may be of several kinds, such as DeleteOptions. */
function withKindsOf(known: Fields, added: Fields): Fields {
  const kindsOf = (definition: Fields) => (definition[KINDS] ?? []) as readonly unknown[]
  const all: unknown[] = []
  for (const one of [...kindsOf(known), ...kindsOf(added)])
    if (!all.some((other) => deepEqual(other, one))) all.push(one)
  return all.length === 0 ? known : { ...known, [KINDS]: all }
}

function* referencesIn(part: unknown): Iterable<string> {
  if (typeof part !== 'object' || part === null) return
  for (const [key, value] of Object.entries(part)) {
    if (key === '$ref' && typeof value === 'string' && value.startsWith(REFERENCE)) {
      yield value.slice(REFERENCE.length)
    } else yield* referencesIn(value)
  }
}

function withNames(part: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (renamed.size === 0 || typeof part !== 'object' || part === null) return part
  if (Array.isArray(part)) return part.map((one) => withNames(one, renamed))
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(part)) {
    const name =
      key === '$ref' && typeof value === 'string' ? renamed.get(value.slice(REFERENCE.length)) : ''
    result[key] = name ? `${REFERENCE}${name}` : withNames(value, renamed)
  }
  return result
}

function sorted<T>(fields: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
