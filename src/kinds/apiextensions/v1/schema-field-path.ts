import type { JSONSchemaProps } from './json-schema-props.ts'
import { valueSchemaOf } from './schema-walk.ts'

/** The value to which a path such as `.spec.color` leads, or why it leads nowhere. */
export type ResolvedFieldPath =
  | { readonly names: readonly string[]; readonly schema: JSONSchemaProps | undefined }
  | { readonly error: string }

const TOKEN = /'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/gs
const NOWHERE = { error: 'does not refer to a valid field' }
const ENDED = { error: 'unexpected end of JSON path' }

/** Follows a path of names through a schema; names in `['x']` only where that is allowed. */
export function resolveFieldPath(
  text: string,
  root: JSONSchemaProps,
  allowsBrackets: boolean,
): ResolvedFieldPath {
  const tokens = text.match(TOKEN) ?? []
  const names: string[] = []
  let schema: JSONSchemaProps | undefined = root
  for (let place = 0; place < tokens.length; place++) {
    const token = tokens[place]
    if (token !== '.' && token !== '[') return { error: `expected [ or . but got: ${token}` }
    if (token === '[' && !allowsBrackets) return { error: 'array notation is not allowed' }
    place++
    const name = tokens[place]
    if (name === undefined) return ENDED
    if (token === '[' && !/^'.*'$/s.test(name)) {
      return { error: `expected single quoted string but got ${name}` }
    }
    const key = token === '.' ? name : name.slice(1, -1).replaceAll(/\\(.)/gs, '$1')
    const step = stepInto(schema ?? {}, key)
    if (step === undefined) return NOWHERE
    schema = step.schema
    names.push(key)
    if (token === '.') continue
    place++
    if (tokens[place] === undefined) return ENDED
    if (tokens[place] !== ']') return { error: `expected ] but got ${tokens[place]}` }
  }
  return { names, schema }
}

/** Into a struct's field, or a map's value of any name. */
function stepInto(
  schema: JSONSchemaProps,
  name: string,
): { readonly schema: JSONSchemaProps | undefined } | undefined {
  const { properties = {}, additionalProperties } = schema
  if (Object.keys(properties).length > 0) {
    return Object.hasOwn(properties, name) ? { schema: properties[name] } : undefined
  }
  return additionalProperties === undefined ? undefined : { schema: valueSchemaOf(schema) }
}
