import type { Environment, ObjectTypes } from '../../../cel/environment.ts'
import { global } from '../../../cel/functions/function.ts'
import type { Library } from '../../../cel/library.ts'
import { type CelType, DYN, listOf, objectNamed, STRING } from '../../../cel/types.ts'
import { CelError } from '../../../cel/values/cel-error.ts'
import { areEqual } from '../../../cel/values/equality.ts'
import { toJson } from '../../../cel/values/to-json.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../../../cel/values/value.ts'

/** What an apply configuration's expression gives. */
export const OBJECT_TYPE = objectNamed('Object')
const JSON_PATCH_TYPE = objectNamed('JSONPatch')
/** What a JSON patch's expression gives. */
export const JSON_PATCH_LIST = listOf(JSON_PATCH_TYPE)

const NOTHING = objectNamed('')
const OPERATION_FIELDS: Readonly<Record<string, CelType>> = {
  op: STRING,
  path: STRING,
  from: STRING,
  value: DYN,
}

/** Another field than an operation has takes a value of no type. */
function operationField(field: string): CelType {
  return Object.hasOwn(OPERATION_FIELDS, field) ? (OPERATION_FIELDS[field] ?? NOTHING) : NOTHING
}

/** An object that an expression has made by `Object{...}`, or an operation by `JSONPatch{...}`. */
export class MadeObject extends CelMap {
  readonly type: CelType
  readonly fields: ReadonlyMap<string, CelValue>

  constructor(type: CelType, fields: ReadonlyMap<string, CelValue>) {
    super()
    this.type = type
    this.fields = fields
  }

  get size(): number {
    return this.fields.size
  }

  keys(): Iterable<string> {
    return this.fields.keys()
  }

  find(key: CelValue): Outcome | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined
  }

  equals(other: CelValue): boolean {
    if (!(other instanceof MadeObject) || other.type.name !== this.type.name) return false
    if (other.size !== this.size) return false
    return [...this.fields].every(([name, value]) => {
      const theirs = other.fields.get(name)
      return theirs !== undefined && areEqual(value, theirs) === true
    })
  }

  toJson(): unknown {
    return Object.fromEntries([...this.fields].map(([name, value]) => [name, toJson(value)]))
  }
}

/** `Object`, the types of its fields by their paths (`Object.spec.template`), and `JSONPatch`. */
const MUTATION_TYPES: ObjectTypes = {
  has: (name) => name === 'JSONPatch' || name === 'Object' || name.startsWith('Object.'),
  field: (name, field) => (name === 'JSONPatch' ? operationField(field) : DYN),
  construct(name, fields) {
    if (name === 'JSONPatch') {
      for (const [field, value] of fields) {
        if (!Object.hasOwn(OPERATION_FIELDS, field)) {
          return new CelError(`unexpected JSONPatchType field: ${field}`)
        }
        if (field !== 'value' && typeof value !== 'string') {
          return new CelError(`unexpected type for JSONPatchType '${field}' field`)
        }
      }
    }
    return new MadeObject(objectNamed(name), fields)
  },
}

/** `jsonpatch.escapeKey`, for paths. */
const MUTATION_LIBRARY: Library = {
  functions: [
    global(
      'jsonpatch.escapeKey',
      'string_jsonpatch_escapeKey_string',
      '(string) -> string',
      (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'),
    ),
  ],
}

/** An environment in which expressions can make objects and patches. */
export function withMutations(environment: Environment): Environment {
  return environment.extend({ objectTypes: MUTATION_TYPES, libraries: [MUTATION_LIBRARY] })
}

/**
 * Why an object was made of wrong types: what stands in the field `spec` of an `Object` must be an
 * `Object.spec`, and so on. Undefined where all are right, and for what is no such object.
 */
export function typeMismatch(value: CelValue): string | undefined {
  if (!(value instanceof MadeObject)) return undefined
  const problems = [...mismatches(value, value.type.name)]
  return problems.length === 0 ? undefined : problems.join('\n')
}

function* mismatches(value: CelValue, expected: string): Iterable<string> {
  if (value instanceof MadeObject) {
    const { name } = value.type
    if (name !== expected) {
      const rule = 'which matches field name path from root Object type'
      yield `unexpected type name ${JSON.stringify(name)}, expected ${JSON.stringify(expected)}, ${rule}`
    }
    for (const [field, inner] of value.fields) yield* mismatches(inner, `${expected}.${field}`)
  } else if (value instanceof CelList) {
    for (let index = 0; index < value.size; index++) {
      const item = value.at(index)
      if (!(item instanceof CelError)) yield* mismatches(item, expected)
    }
  } else if (value instanceof CelMap) {
    for (const key of value.keys()) {
      const item = value.find(key)
      if (item !== undefined && !(item instanceof CelError)) yield* mismatches(item, expected)
    }
  }
}
