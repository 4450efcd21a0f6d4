import { quoteGoCharacter } from './go-quote.ts'
import { drain, type Sliced } from './slices.ts'

const EOF = -1
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const QUOTE = 0x22
const BACKSLASH = 0x5c
/** So many are read before others may go on. */
const VALUES_AT_ONCE = 5000
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, 0x0a])
const ESCAPED: ReadonlySet<string> = new Set(['b', 'f', 'n', 'r', 't', '\\', '/', '"'])

/** Where reading stopped, and what was expected there. */
class Fault {
  readonly at: number
  readonly context: string

  constructor(at: number, context: string) {
    this.at = at
    this.context = context
  }
}

/**
 * What is wrong with a text that is not JSON, in the words of Go's decoder, which clients of
 * Kubernetes know: `invalid character 'h' looking for beginning of value`. Undefined where nothing
 * is.
 */
export function jsonFault(text: string | Uint8Array): string | undefined {
  return drain(findFault(typeof text === 'string' ? Buffer.from(text) : text))
}

/** As `jsonFault`, for a long text. */
export function* findFault(bytes: Uint8Array): Sliced<string | undefined> {
  try {
    yield* new Reader(bytes).document()
    return undefined
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const byte = bytes[error.at]
    if (byte === undefined) return 'unexpected end of JSON input'
    // It takes a byte for a character.
    return `invalid character ${quoteGoCharacter(String.fromCharCode(byte))} ${error.context}`
  }
}

/** Reads by the grammar alone, and throws the first fault. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  *document(): Sliced<void> {
    yield* this.#values()
    this.#space()
    if (this.#peek() !== EOF) this.#fail('after top-level value')
  }

  /** A value with all that is in it; nesting takes no stack. */
  *#values(): Sliced<void> {
    const open: ('object' | 'array')[] = []
    for (let values = 1; ; values++) {
      if (values % VALUES_AT_ONCE === 0) yield
      this.#space()
      const character = this.#character()
      if (character === '{') {
        this.#at++
        if (this.#closes('}')) this.#leave(open)
        else {
          this.#key('looking for beginning of object key string')
          open.push('object')
          continue
        }
      } else if (character === '[') {
        this.#at++
        if (this.#closes(']')) this.#leave(open)
        else {
          open.push('array')
          continue
        }
      } else {
        this.#scalar(character)
        this.#leave(open)
      }
      if (open.length === 0) return
    }
  }

  /** After a value: out of what ends here, or on to the next value. */
  #leave(open: ('object' | 'array')[]): void {
    for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
      this.#space()
      const character = this.#character()
      const end = inside === 'object' ? '}' : ']'
      if (character === ',') {
        this.#at++
        if (inside === 'object') this.#key('looking for beginning of object key string')
        return
      }
      if (character !== end) {
        this.#fail(inside === 'object' ? 'after object key:value pair' : 'after array element')
      }
      this.#at++
      open.pop()
    }
  }

  #closes(end: string): boolean {
    this.#space()
    if (this.#character() !== end) return false
    this.#at++
    return true
  }

  #key(context: string): void {
    this.#space()
    if (this.#character() !== '"') this.#fail(context)
    this.#string()
    this.#space()
    if (this.#character() !== ':') this.#fail('after object key')
    this.#at++
  }

  #scalar(character: string): void {
    if (character === '"') this.#string()
    else if (character === 't') this.#literal('true')
    else if (character === 'f') this.#literal('false')
    else if (character === 'n') this.#literal('null')
    else if (character === '-' || this.#isDigit()) this.#number()
    else this.#fail('looking for beginning of value')
  }

  #literal(word: string): void {
    for (const [index, expected] of [...word].entries()) {
      if (index > 0 && this.#character() !== expected) {
        this.#fail(`in literal ${word} (expecting '${expected}')`)
      }
      this.#at++
    }
  }

  #string(): void {
    this.#at++
    for (;;) {
      const byte = this.#peek()
      if (byte === EOF || byte < 0x20) this.#fail('in string literal')
      if (byte !== QUOTE && byte !== BACKSLASH) {
        this.#at++
        continue
      }
      const character = this.#character()
      this.#at++
      if (character === '"') return
      if (character === '\\') this.#escape()
    }
  }

  #escape(): void {
    const character = this.#character()
    if (character !== 'u' && !ESCAPED.has(character)) this.#fail('in string escape code')
    this.#at++
    if (character !== 'u') return
    for (let digit = 0; digit < 4; digit++) {
      if (!/^[0-9a-fA-F]$/.test(this.#character())) {
        this.#fail('in \\u hexadecimal character escape')
      }
      this.#at++
    }
  }

  #number(): void {
    if (this.#character() === '-') {
      this.#at++
      if (!this.#isDigit()) this.#fail('in numeric literal')
    }
    if (this.#peek() === DIGIT_0) this.#at++
    else this.#digits()
    if (this.#character() === '.') {
      this.#at++
      if (!this.#isDigit()) this.#fail('after decimal point in numeric literal')
      this.#digits()
    }
    if (!/^[eE]$/.test(this.#character())) return
    this.#at++
    if (/^[+-]$/.test(this.#character())) this.#at++
    if (!this.#isDigit()) this.#fail('in exponent of numeric literal')
    this.#digits()
  }

  #digits(): void {
    while (this.#isDigit()) this.#at++
  }

  #isDigit(): boolean {
    const byte = this.#peek()
    return byte >= DIGIT_0 && byte <= DIGIT_9
  }

  #space(): void {
    while (SPACES.has(this.#peek())) this.#at++
  }

  #peek(): number {
    return this.#bytes[this.#at] ?? EOF
  }

  /** '' at the end. */
  #character(): string {
    const byte = this.#bytes[this.#at]
    return byte === undefined ? '' : String.fromCharCode(byte)
  }

  #fail(context: string): never {
    throw new Fault(this.#at, context)
  }
}
