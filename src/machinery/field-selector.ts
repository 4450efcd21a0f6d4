export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** Raised for a field selector that cannot be read; the messages are upstream's. */
export class FieldSelectorError extends Error {
  override readonly name = 'FieldSelectorError'
}

/** Which fields an object must have, such as `status.phase!=Running`. */
export class FieldSelector {
  static readonly everything = new FieldSelector([])

  /** All must hold. */
  readonly requirements: readonly FieldRequirement[]

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements
  }

  get isEverything(): boolean {
    return this.requirements.length === 0
  }

  /** The one value that a field must have, for the choice of an index. */
  exactValue(field: string): string | undefined {
    return this.requirements.find((one) => one.field === field && one.operator === '=')?.value
  }

  /** Whether an object passes, given how its fields are read. */
  matches<T>(object: T, read: (object: T, field: string) => string): boolean {
    for (const { field, operator, value } of this.requirements) {
      if ((read(object, field) === value) !== (operator === '=')) return false
    }
    return true
  }

  /**
   * A test that reads each field once, however many requirements name it. The readers answer for
   * every field of the selector; check with `unknownField` first.
   */
  compile<T>(readers: Readonly<Record<string, (object: T) => string>>): (object: T) => boolean {
    const tests = [...testsByField(this.requirements)].map(([field, test]) => ({
      ...test,
      read: Object.hasOwn(readers, field) ? readers[field] : undefined,
    }))
    return (object) => {
      for (const { read, wanted, refused, isNever } of tests) {
        const value = read?.(object) ?? ''
        if (isNever || (wanted !== undefined && value !== wanted)) return false
        if (refused.size > 0 && refused.has(value)) return false
      }
      return true
    }
  }

  /** The first field that cannot be selected by. */
  unknownField(readers: Readonly<Record<string, unknown>>): string | undefined {
    return this.requirements.find(({ field }) => !Object.hasOwn(readers, field))?.field
  }

  /** The text form that `parseFieldSelector` reads. */
  toString(): string {
    return this.requirements
      .map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`)
      .join(',')
  }
}

/** What is required of one field. */
interface FieldTest {
  wanted: string | undefined
  readonly refused: Set<string>
  /** Two values are wanted. */
  isNever: boolean
}

function testsByField(requirements: readonly FieldRequirement[]): Map<string, FieldTest> {
  const tests = new Map<string, FieldTest>()
  for (const { field, operator, value } of requirements) {
    const test = tests.get(field) ?? { wanted: undefined, refused: new Set(), isNever: false }
    tests.set(field, test)
    if (operator === '!=') test.refused.add(value)
    else if (test.wanted === undefined) test.wanted = value
    else test.isNever ||= test.wanted !== value
  }
  return tests
}

/**
 * Reads terms `field=value`, `field==value` or `field!=value` between commas. In a value `\`, `,`
 * and `=` stand behind a backslash. Throws FieldSelectorError.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements = splitTerms(text)
    .filter((term) => term !== '')
    .sort()
    .map((term) => parseTerm(text, term))
    .filter(({ field, value }) => field !== '' || value !== '')
  return requirements.length === 0 ? FieldSelector.everything : new FieldSelector(requirements)
}

/** Makes any text fit for a selector's value. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&')
}

function splitTerms(text: string): string[] {
  return text.match(/(?:\\[\s\S]?|[^\\,])+/g) ?? []
}

function parseTerm(text: string, term: string): FieldRequirement {
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
  if (match === null) {
    throw new FieldSelectorError(`invalid selector: '${text}'; can't understand '${term}'`)
  }
  const [, field = '', operator, value = ''] = match
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeFieldValue(value) }
}

function unescapeFieldValue(value: string): string {
  return value.replace(/\\([\s\S]?)|[,=]/g, (found, escaped: string | undefined) => {
    if (escaped === undefined) {
      const code = found.charCodeAt(0)
      const why = `unescaped character in value: ${code}`
      throw new FieldSelectorError(`invalid field selector: ${why}`)
    }
    if (escaped !== '' && '\\,='.includes(escaped)) return escaped
    throw new FieldSelectorError(`invalid field selector: invalid escape sequence: ${found}`)
  })
}
