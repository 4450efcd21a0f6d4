import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Type } from '@bufbuild/cel-spec/cel/expr/checked_pb.js'
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js'
import {
  getComprehensionSuite,
  getConformanceSuite,
  getParsingSuite,
  type IncrementalTest,
  type IncrementalTestSuite,
} from '@bufbuild/cel-spec/testdata/tests.js'
import { formatCheckedType } from './check/format-checked-type.ts'
import { compile } from './compile.ts'
import { CONFORMANCE_EXCLUSIONS, GARBAGE } from './conformance-exclusions.data.ts'
import { KUBERNETES_ENVIRONMENT } from './kubernetes-environment.ts'
import { parseExpression } from './syntax/parser.ts'
import { formatIssues, type Issue } from './syntax/source.ts'
import {
  ANY,
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  objectNamed,
  opaque,
  STRING,
  TIMESTAMP,
  typeOf,
  UINT,
} from './types.ts'
import { Bytes } from './values/bytes.ts'
import { Double } from './values/double.ts'
import { areEqual } from './values/equality.ts'
import { shortInt } from './values/integers.ts'
import { ArrayList } from './values/list.ts'
import { EntryMap } from './values/map.ts'
import { TypeValue, typeOfValue } from './values/type-value.ts'
import { Uint } from './values/uint.ts'
import type { CelValue } from './values/value.ts'

interface Vector {
  readonly path: string
  readonly vector: IncrementalTest
}

function vectorsOf(suite: IncrementalTestSuite, path: string): Vector[] {
  const below = suite.suites.flatMap((inner) => vectorsOf(inner, `${path}${inner.name}/`))
  return [...below, ...suite.tests.map((vector) => ({ path: path + vector.name, vector }))]
}

/** A number, text, list and so on of the vectors; `undefined` for messages and enums. */
function toValue(value: Value): CelValue | undefined {
  const { kind } = value
  switch (kind.case) {
    case 'nullValue':
      return null
    case 'boolValue':
    case 'stringValue':
      return kind.value
    case 'int64Value':
      return shortInt(BigInt(kind.value))
    case 'uint64Value':
      return new Uint(BigInt(kind.value))
    case 'doubleValue':
      return new Double(kind.value)
    case 'bytesValue':
      return new Bytes(kind.value)
    case 'listValue': {
      const items = kind.value.values.map(toValue)
      return items.includes(undefined) ? undefined : new ArrayList(items as CelValue[])
    }
    case 'mapValue': {
      const entries = kind.value.entries.map(({ key, value: held }) => {
        return [key && toValue(key), held && toValue(held)] as const
      })
      if (entries.some((entry) => entry.includes(undefined))) return undefined
      return new EntryMap(entries as [CelValue, CelValue][])
    }
    case 'typeValue':
      return new TypeValue(NAMED_TYPES[kind.value] ?? objectNamed(kind.value))
    default:
      return undefined
  }
}

const NAMED_TYPES: Readonly<Record<string, CelType>> = {
  list: listOf(DYN),
  map: mapOf(DYN, DYN),
}
const PRIMITIVES = [DYN, BOOL, INT, UINT, DOUBLE, STRING, BYTES]
const WELL_KNOWN = [DYN, ANY, TIMESTAMP, DURATION]

function toType(type: Type): CelType {
  const { typeKind: kind } = type
  switch (kind.case) {
    case 'null':
      return NULL
    case 'primitive':
      return PRIMITIVES[kind.value] ?? DYN
    case 'wellKnown':
      return WELL_KNOWN[kind.value] ?? DYN
    case 'listType':
      return listOf(kind.value.elemType ? toType(kind.value.elemType) : DYN)
    case 'mapType':
      return mapOf(
        kind.value.keyType ? toType(kind.value.keyType) : DYN,
        kind.value.valueType ? toType(kind.value.valueType) : DYN,
      )
    case 'type':
      return typeOf(toType(kind.value))
    case 'messageType':
      return objectNamed(kind.value)
    case 'abstractType':
      return opaque(kind.value.name, ...kind.value.parameterTypes.map(toType))
    default:
      return DYN
  }
}

/** What is wrong with what we make of a vector, if anything. */
function judge({ original, type }: IncrementalTest): string | undefined {
  const variables: Record<string, CelType> = {}
  for (const { name, declKind } of original.typeEnv) {
    if (declKind.case === 'ident' && declKind.value.type) {
      variables[name] = toType(declKind.value.type)
    }
  }
  const environment = KUBERNETES_ENVIRONMENT.extend({ variables })
  const { program, errors } = compile(environment, original.expr)
  const { resultMatcher: expected } = original
  if (program === undefined) return expected.case === 'evalError' ? undefined : errors
  if (type !== undefined && formatCheckedType(program.resultType) !== type) {
    return `of type ${formatCheckedType(program.resultType)}, not ${type}`
  }
  if (original.checkOnly) return undefined
  const bindings = Object.entries(original.bindings).map(([name, { kind }]) => {
    return [name, kind.case === 'value' ? toValue(kind.value) : undefined] as const
  })
  const { value, error } = program.evaluate(Object.fromEntries(bindings))
  if (expected.case === 'evalError') return error === undefined ? 'no error' : undefined
  if (value === undefined) return error?.message
  return compareWith(value, original)
}

function compareWith(value: CelValue, { resultMatcher }: IncrementalTest['original']) {
  let wanted: CelValue | undefined = true
  if (resultMatcher.case === 'value') wanted = toValue(resultMatcher.value)
  if (resultMatcher.case === 'typedResult') {
    wanted = resultMatcher.value.result && toValue(resultMatcher.value.result)
    if (resultMatcher.value.result === undefined) return undefined
  }
  if (wanted === undefined) return 'cannot be compared'
  if (value instanceof Double && wanted instanceof Double) {
    return Object.is(value.value, wanted.value) || value.value === wanted.value
      ? undefined
      : 'other'
  }
  const isSame = typeOfValue(value).name === typeOfValue(wanted).name
  return isSame && areEqual(value, wanted) === true ? undefined : 'another value'
}

test("the language's official vectors", (t) => {
  const excluded = new Map(
    Object.entries(CONFORMANCE_EXCLUSIONS).flatMap(([reason, paths]) =>
      paths.map((path) => [path, reason] as const),
    ),
  )
  const vectors = vectorsOf(getConformanceSuite(), '')
  const isExcluded = ({ path }: Vector) =>
    excluded.has(path) || excluded.has(`${path.split('/')[0]}/*`)
  const applicable = vectors.filter((vector) => !isExcluded(vector))
  const failures = applicable.flatMap(({ path, vector }) => {
    const problem = judge(vector)
    return problem === undefined ? [] : [`${path}: ${vector.original.expr}: ${problem}`]
  })
  t.diagnostic(
    `${applicable.length - failures.length} of ${applicable.length} pass; ` +
      `${vectors.length - applicable.length} need what Kubernetes does not have`,
  )
  assert.deepEqual(failures, [])
})

test("cel-go's expressions are read here as there", (t) => {
  const parsed = vectorsOf(getParsingSuite(), '')
  // The others' messages come of an environment without the macros of two variables.
  const folded = vectorsOf(getComprehensionSuite(), '').filter(({ vector: { error } }) => !error)
  const isGarbage = ({ path }: Vector) => GARBAGE.some((start) => path.startsWith(start))
  const vectors = [...parsed, ...folded].filter((vector) => !isGarbage(vector))
  const failures = vectors.flatMap(({ path, vector }) => {
    const { expr } = vector.original
    const issues: Issue[] = []
    parseExpression(expr, KUBERNETES_ENVIRONMENT.macros, issues)
    // The vectors' text has no name.
    const problem = issues.length === 0 ? '' : formatIssues(expr, issues).replaceAll('<input>', '')
    const isRight = vector.error?.includes(problem) ?? problem === ''
    return isRight ? [] : [`${path}: ${problem}, not ${vector.error}`]
  })
  t.diagnostic(`${vectors.length - failures.length} of ${vectors.length}`)
  assert.deepEqual(failures, [])
})
