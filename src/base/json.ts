import { jsonFault } from './json-fault.ts'

/**
 * A number of 16 or more digits may lose precision in JSON.parse. May also match inside a string,
 * which only costs time.
 */
const LONG_NUMBER = /(?:^|[:[,])\s*-?[0-9]{16}/

/** Raised by `parseJson` for text that is not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
}

/**
 * Parses JSON without losing an integer: one beyond 2^53 becomes a bigint. Keys such as
 * `__proto__` are ordinary keys.
 */
export function parseJson(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown
    if (!LONG_NUMBER.test(text)) return value
  } catch (error) {
    throw new JsonSyntaxError(jsonFault(text) ?? (error as Error).message)
  }
  return new JsonReader(text).read()
}

/** The reverse of `parseJson`: bigints are written as plain integers. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof TypeError && error.message.includes('BigInt')) return writeJson(value)
    throw error
  }
}

/** As `stringifyJson`, with a line for each field and two spaces for each level. */
export function indentJson(value: unknown): string {
  const integers: string[] = []
  const text = JSON.stringify(
    value,
    (_key, field: unknown) => {
      if (typeof field !== 'bigint') return field
      integers.push(String(field))
      return INTEGER_MARK
    },
    2,
  )
  return integers.length === 0
    ? text
    : text.replaceAll(JSON.stringify(INTEGER_MARK), () => integers.shift() ?? '')
}

/** Stands where an integer goes that JSON.stringify cannot write; nobody has such a text. */
const INTEGER_MARK = '\u0000\u0000integer\u0000\u0000'

function writeJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => `${JSON.stringify(key)}:${writeJson(field)}`)
  return `{${fields.join(',')}}`
}

const NUMBER = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y
const SPACE = /[ \t\n\r]*/y

/** Reads text that JSON.parse has accepted, so that syntax needs no checks here. */
class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): unknown {
    this.#take(SPACE)
    const value = this.#value()
    this.#take(SPACE)
    return value
  }

  #value(): unknown {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return JSON.parse(this.#take(STRING))
      case 't':
        this.#at += 4
        return true
      case 'f':
        this.#at += 5
        return false
      case 'n':
        this.#at += 4
        return null
      default:
        return toNumber(this.#take(NUMBER))
    }
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#at++
    this.#take(SPACE)
    while (this.#text[this.#at] !== '}') {
      const key = JSON.parse(this.#take(STRING)) as string
      this.#take(SPACE)
      this.#at++
      setOwn(object, key, this.read())
      if (this.#text[this.#at] === ',') this.#at++
      this.#take(SPACE)
    }
    this.#at++
    return object
  }

  #array(): unknown[] {
    const array: unknown[] = []
    this.#at++
    this.#take(SPACE)
    while (this.#text[this.#at] !== ']') {
      array.push(this.read())
      if (this.#text[this.#at] === ',') this.#at++
      this.#take(SPACE)
    }
    this.#at++
    return array
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += match.length
    return match
  }
}

function toNumber(text: string): number | bigint {
  const number = Number(text)
  if (Number.isSafeInteger(number) || !/^-?[0-9]+$/.test(text)) return number
  return BigInt(text)
}

/** Letters, digits and what stands in names, versions and times: nothing that needs an escape. */
const PLAIN = /^[\w.:/-]*$/

/** The JSON of a text; most texts that are written often need no escapes. */
export function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}

/** Sets a key that may be `__proto__`, which plain assignment would take as the prototype. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else {
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
}
