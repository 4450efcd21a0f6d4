import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { itemSchemaOf, valueSchemaOf } from '../v1/schema-walk.ts'
import type { Correlation } from './correlation.ts'
import { hasFormat, knownFormat } from './formats.ts'
import { PatternMatcher } from './patterns.ts'
import { validateNumber } from './validate-number.ts'
import { Findings } from './value-errors.ts'
import { typeOf, typesOf, validateType } from './value-type.ts'

/** A value, where it is, and what it was before the change that is judged. */
export interface Judged {
  readonly value: unknown
  /** Upstream's text of the path: `spec.list[0].name`, with a leading dot for some. */
  readonly at: string
  readonly correlation: Correlation | undefined
}

/** A part of what is judged. */
interface Part extends Judged {
  readonly patterns: PatternMatcher
}

/**
 * What is wrong with a value by its schema. What was so before a change may stay so: with a
 * correlation, errors of parts that have not changed are left out.
 */
export function validateValue(
  schema: JSONSchemaProps,
  judged: Judged,
  patterns = new PatternMatcher(),
): Findings {
  const findings = validatePart(schema, { ...judged, patterns })
  if (patterns.isExhausted) {
    const text = 'its texts take too long to match against the patterns of the schema'
    findings.add({ type: 'composite', text })
  }
  return findings
}

function validatePart(schema: JSONSchemaProps, judged: Part): Findings {
  const findings = validatePlain(schema, judged)
  if (findings.isValid || judged.correlation?.isUnchanged !== true) return findings
  const ratcheted = new Findings()
  ratcheted.matches = findings.matches
  return ratcheted
}

/** Without regard to whether this very value has changed. The counts are upstream's. */
function validatePlain(schema: JSONSchemaProps, judged: Part): Findings {
  const findings = new Findings()
  const { value, at } = judged
  const types = typesOf(schema)
  const format = knownFormat(types.length === 1 ? types[0] : '', schema.format ?? '')
  if (value === null || value === undefined) {
    validateType({ types, format, isNullable: schema.nullable === true }, value, at, findings)
    validateEnum(schema, value, at, findings)
    return findings
  }
  if (types.length > 0 || format !== undefined) {
    validateType({ types, format, isNullable: schema.nullable === true }, value, at, findings)
    findings.matches++
  }
  validateBranches(schema, judged, findings)
  findings.matches++
  const type = typeOf(value)
  if (type === 'string') validateText(schema, judged, format, findings)
  else if (type === 'integer' || type === 'number') {
    validateNumber(schema, { types, format }, value as number | bigint, at, findings)
  } else if (type === 'array') validateItems(schema, judged, findings)
  validateEnum(schema, value, at, findings)
  findings.matches++
  if (type === 'object') validateFields(schema, judged, findings)
  findings.matches++
  return findings
}

function validateText(
  schema: JSONSchemaProps,
  judged: Part,
  format: string | undefined,
  findings: Findings,
): void {
  const { value, at } = judged
  const text = value as string
  const wrong = textProblem(schema, text, judged)
  if (wrong !== undefined) findings.add(wrong)
  findings.matches++
  if (format === undefined) return
  findings.matches++
  if (hasFormat(format, text)) return
  const what = `${at} in body must be of type ${format}: ${JSON.stringify(text)}`
  findings.add({ type: 'type', at, value: text, text: what })
}

/** The first that is wrong: upstream says no more. */
function textProblem(
  { maxLength, minLength, pattern = '' }: JSONSchemaProps,
  text: string,
  { at, patterns }: Part,
) {
  if (maxLength !== undefined && text.length > maxLength && lengthOf(text) > maxLength) {
    const what = `${at} in body should be at most ${maxLength} chars long`
    return { type: 'length' as const, at, text: what, max: maxLength }
  }
  if (minLength !== undefined && lengthOf(text) < minLength) {
    const what = `${at} in body should be at least ${minLength} chars long`
    return { type: 'other' as const, at, value: text, text: what }
  }
  if (pattern === '') return undefined
  const unmatched = patterns.problem(text, pattern)
  if (unmatched === undefined) return undefined
  const what = `${at} in body should match '${unmatched}'`
  return { type: 'other' as const, at, value: text, text: what }
}

/** In characters, not in UTF-16 units. */
function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

function validateItems(schema: JSONSchemaProps, judged: Part, findings: Findings): void {
  const { at, correlation, patterns } = judged
  const list = judged.value as readonly unknown[]
  const items = itemSchemaOf(schema)
  if (items !== undefined) {
    for (let index = 0; index < list.length; index++) {
      const item = correlation?.item(index)
      const inner = { value: list[index], at: `${at}[${index}]`, correlation: item, patterns }
      findings.merge(validatePart(items, inner))
    }
  }
  const { minItems, maxItems, uniqueItems } = schema
  if (minItems !== undefined && list.length < minItems) {
    const text = `${at} in body should have at least ${minItems} items`
    findings.add({ type: 'other', at, value: list.length, text })
  }
  if (maxItems !== undefined && list.length > maxItems) {
    const text = `${at} in body should have at most ${maxItems} items`
    findings.add({ type: 'count', at, actual: list.length, max: maxItems, text })
  }
  if (uniqueItems === true && hasDuplicates(list)) {
    const text = `${at} in body shouldn't contain duplicates`
    findings.add({ type: 'other', at, value: undefined, text })
  }
  findings.matches += 2
}

function hasDuplicates(list: readonly unknown[]): boolean {
  return list.some((item, index) => list.slice(0, index).some((other) => deepEqual(item, other)))
}

function validateEnum(
  { enum: values = [] }: JSONSchemaProps,
  value: unknown,
  at: string,
  findings: Findings,
): void {
  if (values.length === 0) return
  const isThere = value !== null && value !== undefined
  if (isThere && values.some((one) => isEnumValue(value, one))) return
  const text = `${at} in body should be one of [${values.map(String).join(' ')}]`
  findings.add({ type: 'enum', at, value, values, text })
}

/** Go compares after a conversion to the type of the enum's value, which drops fractions. */
function isEnumValue(value: unknown, one: unknown): boolean {
  if (typeof value === 'number' && typeof one === 'number' && Number.isInteger(one)) {
    return Math.trunc(value) === one
  }
  return deepEqual(value, one)
}

function validateFields(schema: JSONSchemaProps, judged: Part, findings: Findings): void {
  const { at, correlation, patterns } = judged
  const object = judged.value as Readonly<Record<string, unknown>>
  const { properties = {}, required = [], minProperties, maxProperties } = schema
  const names = Object.keys(object)
  if (minProperties !== undefined && names.length < minProperties) {
    const text = `${at} in body should have at least ${minProperties} properties`
    findings.add({ type: 'other', at, value: names.length, text })
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    const text = `${at} in body should have at most ${maxProperties} properties`
    findings.add({ type: 'count', at, actual: names.length, max: maxProperties, text })
  }
  const values = valueSchemaOf(schema)
  const isClosed = schema.additionalProperties === false
  for (const name of names) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    const field = property ?? values
    if (field === undefined) {
      if (!isClosed) continue
      const text = `${at}.${name} in body is a forbidden property`
      findings.add({ type: 'other', at, value: name, text })
      continue
    }
    const isRootField = property !== undefined && at === ''
    // Version and kind are the server's own: they cannot be kept as they were.
    const isOfType = at === '' && (name === 'kind' || name === 'apiVersion')
    const inner = {
      value: object[name],
      at: isRootField ? name : `${at}.${name}`,
      correlation: isOfType ? undefined : correlation?.field(name),
      patterns,
    }
    findings.merge(validatePart(field, inner))
  }
  for (const name of required) {
    if (Object.hasOwn(object, name)) continue
    findings.add({
      type: 'required',
      at: `${at}.${name}`,
      text: `${at}.${name} in body is required`,
    })
  }
}

function validateBranches(schema: JSONSchemaProps, judged: Part, findings: Findings): void {
  const { anyOf = [], oneOf = [], allOf = [], not } = schema
  if (anyOf.length > 0) validateAnyOf(anyOf, judged, findings)
  if (oneOf.length > 0) validateOneOf(oneOf, judged, findings)
  if (allOf.length > 0) validateAllOf(allOf, judged, findings)
  if (not !== undefined && validatePlain(not, judged).isValid) {
    const text = `${quote(judged.at)} must not validate the schema (not)`
    findings.add({ type: 'composite', text })
  }
  findings.matches++
}

function validateAnyOf(
  branches: readonly JSONSchemaProps[],
  judged: Part,
  findings: Findings,
): void {
  let best: Findings | undefined
  for (const branch of branches) {
    const found = validatePlain(branch, judged)
    if (found.isValid) {
      findings.merge(found)
      return
    }
    if (best === undefined || found.matches > best.matches) best = found
  }
  const text = `${quote(judged.at)} must validate at least one schema (anyOf)`
  findings.add({ type: 'composite', text })
  if (best !== undefined) findings.merge(best)
}

function validateOneOf(
  branches: readonly JSONSchemaProps[],
  judged: Part,
  findings: Findings,
): void {
  let best: Findings | undefined
  let first: Findings | undefined
  let valid = 0
  for (const branch of branches) {
    const found = validatePlain(branch, judged)
    if (found.isValid) {
      valid++
      first ??= found
      best = undefined
    } else if (valid === 0 && (best === undefined || found.matches > best.matches)) best = found
  }
  if (valid === 1 && first !== undefined) {
    findings.merge(first)
    return
  }
  const which = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
  const text = `${quote(judged.at)} must validate one and only one schema (oneOf). ${which}`
  findings.add({ type: 'composite', text })
  if (best !== undefined) findings.merge(best)
}

function validateAllOf(
  branches: readonly JSONSchemaProps[],
  judged: Part,
  findings: Findings,
): void {
  let valid = 0
  for (const branch of branches) {
    const found = validatePlain(branch, judged)
    if (found.isValid) valid++
    findings.merge(found)
  }
  if (valid === branches.length) return
  const none = valid === 0 ? '. None validated' : ''
  const text = `${quote(judged.at)} must validate all the schemas (allOf)${none}`
  findings.add({ type: 'composite', text })
}

function quote(text: string): string {
  return JSON.stringify(text)
}
