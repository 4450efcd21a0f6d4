import { type FieldErrors, type FieldPath, required } from '../../../machinery/field-error.ts'
import type { JSONSchemaProps } from './json-schema-props.ts'
import { itemSchemaOf } from './schema-walk.ts'

/** A rule that is met inside `allOf` and the like, and the value of which it speaks. */
interface Spoken {
  readonly rule: JSONSchemaProps
  readonly rulePath: FieldPath
  readonly schema: JSONSchemaProps | undefined
  readonly path: FieldPath
}

/** What is spoken of inside `allOf`, `anyOf`, `oneOf` and `not` is specified outside too. */
export function* validateCompleteness(schema: JSONSchemaProps, path: FieldPath): FieldErrors {
  yield* validateBranches({ rule: schema, rulePath: path, schema, path })
}

function* validateBranches({ rule, rulePath, schema, path }: Spoken): FieldErrors {
  const branches: [JSONSchemaProps, FieldPath][] = []
  if (rule.not !== undefined) branches.push([rule.not, rulePath.child('not')])
  for (const field of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [index, branch] of (rule[field] ?? []).entries()) {
      branches.push([branch, rulePath.child(field).index(index)])
    }
  }
  for (const [branch, at] of branches) {
    yield* validateRule({ rule: branch, rulePath: at, schema, path })
  }
}

function* validateRule({ rule, rulePath, schema, path }: Spoken): FieldErrors {
  if (schema === undefined) {
    yield required(path, `because it is defined in ${rulePath}`)
    return
  }
  yield* validateBranches({ rule, rulePath, schema, path })
  const items = itemSchemaOf(rule)
  if (items !== undefined) {
    yield* validateRule({
      rule: items,
      rulePath: rulePath.child('items'),
      schema: itemSchemaOf(schema),
      path: path.child('items'),
    })
  }
  for (const [name, property] of Object.entries(rule.properties ?? {})) {
    const specified = Object.entries(schema.properties ?? {}).find(([key]) => key === name)
    yield* validateRule({
      rule: property,
      rulePath: rulePath.child('properties').key(name),
      schema: specified?.[1],
      path: path.child('properties').key(name),
    })
  }
}
