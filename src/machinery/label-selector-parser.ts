import { FieldPath, formatFieldError, invalid } from './field-error.ts'
import {
  checkRequirement,
  type LabelOperator,
  type LabelRequirement,
  SelectorError,
  sortedSet,
} from './label-requirement.ts'
import { qualifiedNameErrors } from './names.ts'

/**
 * The grammar of label selectors:
 *
 *     selector    = [ requirement { "," requirement } ]
 *     requirement = [ "!" ] KEY | KEY ( "in" | "notin" ) set | KEY comparison VALUE
 *     comparison  = "=" | "==" | "!=" | "<" | ">"
 *     set         = "(" VALUE { "," VALUE } ")"
 *
 * `in` and `notin` are ordinary words except behind a key; a VALUE may be empty.
 */
export function parseRequirements(text: string): readonly LabelRequirement[] {
  return new Parser(scan(text)).parse()
}

interface Token {
  /** An operator or bracket as it is written, `word`, or `end`. */
  readonly type: string
  readonly text: string
}

const TOKEN = /[ \t\r\n]*(?:(!=|==|[=!(),<>])|([^=!(),<> \t\r\n]+)|$)/y
const END: Token = { type: 'end', text: '' }
const BINARY_OPERATORS = 'in, notin, =, ==, !=, gt, lt'

function scan(text: string): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (;;) {
    const [, symbol, word] = TOKEN.exec(text) ?? []
    if (symbol !== undefined) tokens.push({ type: symbol, text: symbol })
    else if (word !== undefined) {
      tokens.push({ type: word === 'in' || word === 'notin' ? word : 'word', text: word })
    } else return [...tokens, END]
  }
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): readonly LabelRequirement[] {
    const requirements: LabelRequirement[] = []
    for (;;) {
      const { type, text } = this.#peek()
      if (type === 'end') return requirements
      if (type !== 'word' && type !== '!') {
        throw unexpected(text, "!, identifier, or 'end of string'")
      }
      requirements.push(this.#requirement())
      const next = this.#take()
      if (next.type === 'end') return requirements
      if (next.type !== ',') throw unexpected(next.text, "',' or 'end of string'")
      const after = this.#peek()
      if (after.type !== 'word' && after.type !== '!') {
        throw unexpected(after.text, "identifier after ','")
      }
    }
  }

  /** What a word is depends on its place; `in` as an operator is asked for by `#takeRaw`. */
  #peek(): Token {
    return asWord(this.#tokens[this.#at] ?? END)
  }

  #take(): Token {
    return asWord(this.#takeRaw())
  }

  #takeRaw(): Token {
    return this.#tokens[this.#at++] ?? END
  }

  #requirement(): LabelRequirement {
    try {
      const requirement = this.#parseRequirement()
      checkRequirement(requirement)
      return requirement
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error
      throw new SelectorError(`unable to parse requirement: ${error.message}`)
    }
  }

  #parseRequirement(): LabelRequirement {
    let token = this.#take()
    const isNegated = token.type === '!'
    if (isNegated) token = this.#take()
    if (token.type !== 'word') throw unexpected(token.text, 'identifier')
    const key = token.text
    const why = qualifiedNameErrors(key)
    if (why.length > 0) {
      throw new SelectorError(formatFieldError(invalid(FieldPath.root, key, why.join('; '))))
    }
    const next = this.#peek().type
    if (isNegated) return { key, operator: '!', values: [] }
    if (next === 'end' || next === ',') return { key, operator: 'exists', values: [] }
    const operator = this.#operator()
    const isSet = operator === 'in' || operator === 'notin'
    return { key, operator, values: isSet ? this.#set() : [this.#exactValue()] }
  }

  #operator(): LabelOperator {
    const { type, text } = this.#takeRaw()
    switch (type) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
        return type
      case '>':
        return 'gt'
      case '<':
        return 'lt'
      default:
        throw unexpected(text, BINARY_OPERATORS)
    }
  }

  #exactValue(): string {
    const { type, text } = this.#peek()
    if (type === 'end' || type === ',') return ''
    this.#at++
    if (type !== 'word') throw unexpected(text, 'identifier')
    return text
  }

  #set(): readonly string[] {
    const open = this.#take()
    if (open.type !== '(') throw new SelectorError(`found '${open.text}' expected: '('`)
    const first = this.#peek()
    if (first.type === ')') {
      this.#at++
      return ['']
    }
    if (first.type !== 'word' && first.type !== ',') {
      throw unexpected(first.text, "',', ')' or identifier")
    }
    const values = this.#list()
    const close = this.#take()
    if (close.type !== ')') throw unexpected(first.text, "')'")
    return sortedSet(values)
  }

  /** Values between commas; where nothing stands between two, the value is empty. */
  #list(): readonly string[] {
    const values: string[] = []
    for (;;) {
      const { type, text } = this.#take()
      const next = this.#peek()
      if (type === 'word') {
        values.push(text)
        if (next.type === ')') return values
        if (next.type !== ',') throw unexpected(next.text, "',' or ')'")
      } else if (type === ',') {
        if (values.length === 0) values.push('')
        if (next.type === ')' || next.type === ',') values.push('')
        if (next.type === ')') return values
      } else throw unexpected(text, "',', or identifier")
    }
  }
}

function asWord(token: Token): Token {
  return token.type === 'in' || token.type === 'notin' ? { type: 'word', text: token.text } : token
}

function unexpected(found: string, expected: string): SelectorError {
  return new SelectorError(`found '${found}', expected: ${expected}`)
}
