import { Bytes } from '../values/bytes.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { MAX_UINT, toInt } from '../values/integers.ts'
import { parseGoFloat } from '../values/parse-number.ts'
import { Uint } from '../values/uint.ts'
import type { CelValue } from '../values/value.ts'
import type { Expr, MapEntry, StructField } from './ast.ts'
import { type Token, tokenize } from './lexer.ts'
import { MacroError, type Macros, macroKey } from './macro.ts'
import {
  CONDITIONAL,
  INDEX,
  LOGICAL_AND,
  LOGICAL_NOT,
  LOGICAL_OR,
  NEGATE,
  OPERATORS,
  OPTIONAL_INDEX,
  OPTIONAL_SELECT,
} from './operators.ts'
import type { Issue } from './source.ts'
import { nameOf, TokenReader, type TokenSet } from './token-reader.ts'
import { UnescapeError, unescapeBytes, unescapeString } from './unescape.ts'

const MAX_CODE_POINTS = 100_000
const MAX_DEPTH = 250

const EXPRESSION_START: TokenSet = new Set([
  ...["'['", "'{'", "'('", "'.'", "'-'", "'!'", "'true'", "'false'", "'null'"],
  ...['NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER'],
])
const RELATIONS: ReadonlySet<string> = new Set(['<', '<=', '>=', '>', '==', '!=', 'in'])
const OPERATOR_NAMES = ['+', '-', '*', '/', '%', ...RELATIONS, '&&', '||'].map((op) => `'${op}'`)
const RESERVED: ReadonlySet<string> = new Set([
  ...['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop'],
  ...['package', 'namespace', 'return', 'var', 'void', 'while'],
])

/** What may close the expression that is being read; inner ones stand on top. */
const END: TokenSet = new Set(['<EOF>'])
const PAREN: TokenSet = new Set(["')'"])
const ARGUMENT: TokenSet = new Set(["')'", "','"])
const BRACKET: TokenSet = new Set(["']'"])
const ELEMENT: TokenSet = new Set(["']'", "','"])
const COLON: TokenSet = new Set(["':'"])
const ENTRY: TokenSet = new Set(["'}'", "','"])

/** Raised where parsing cannot go on; the issue is already recorded. */
class ParseAborted extends Error {}

/**
 * Parses an expression. What is wrong with it is added to `issues`; the tree is of use only when
 * there are none.
 */
export function parseExpression(text: string, macros: Macros, issues: Issue[]): Expr {
  const size = codePoints(text)
  if (size > MAX_CODE_POINTS) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${MAX_CODE_POINTS}`
    issues.push({ offset: -1, message })
    return missing(0)
  }
  try {
    return new Parser(tokenize(text, issues), macros, issues).parse()
  } catch (error) {
    if (error instanceof ParseAborted) return missing(0)
    throw error
  }
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** Stands for what could not be read. */
const missing = (offset: number): Expr => ({ kind: 'literal', offset, value: '<<error>>' })

class Parser {
  readonly #tokens: TokenReader
  readonly #macros: Macros
  readonly #issues: Issue[]
  #depth = 0

  constructor(tokens: readonly Token[], macros: Macros, issues: Issue[]) {
    this.#tokens = new TokenReader(tokens, issues)
    this.#macros = macros
    this.#issues = issues
  }

  parse(): Expr {
    const expr = this.#expression(END)
    this.#tokens.expect('<EOF>', new Set(), END)
    return expr
  }

  /** `or ('?' or ':' expression)?`; `closers` are the tokens that may end it. */
  #expression(closers: TokenSet): Expr {
    this.#deepen(1)
    const condition = this.#logical(LOGICAL_OR, closers)
    const question = this.#tokens.takeIf('?')
    let expr = condition
    if (question !== undefined) {
      const truthy = this.#logical(LOGICAL_OR, COLON)
      this.#tokens.expect("':'", EXPRESSION_START, this.#follow(closers))
      const falsy = this.#expression(closers)
      expr = this.#call(question.offset, CONDITIONAL, undefined, [condition, truthy, falsy])
    }
    this.#deepen(-1)
    return expr
  }

  #logical(name: string, closers: TokenSet): Expr {
    const operand = () =>
      name === LOGICAL_OR ? this.#logical(LOGICAL_AND, closers) : this.#relation(closers)
    const symbol = name === LOGICAL_OR ? '||' : '&&'
    const terms = [operand()]
    const operators: number[] = []
    while (this.#tokens.is(symbol)) {
      operators.push(this.#tokens.take().offset)
      terms.push(operand())
    }
    return balance(name, terms, operators)
  }

  #relation(closers: TokenSet): Expr {
    return this.#leftAssociative(
      () => this.#sum(closers),
      (text) => RELATIONS.has(text),
    )
  }

  #sum(closers: TokenSet): Expr {
    const product = () =>
      this.#leftAssociative(
        () => this.#unary(closers),
        (text) => text === '*' || text === '/' || text === '%',
      )
    return this.#leftAssociative(product, (text) => text === '+' || text === '-')
  }

  #leftAssociative(operand: () => Expr, isOperator: (text: string) => boolean): Expr {
    let expr = operand()
    let levels = 0
    while (this.#tokens.current.kind === 'symbol' && isOperator(this.#tokens.current.text)) {
      this.#deepen(1)
      levels++
      const { text, offset } = this.#tokens.take()
      const args = [expr, operand()]
      expr = this.#call(offset, OPERATORS[text] ?? text, undefined, args)
    }
    this.#deepen(-levels)
    return expr
  }

  #unary(closers: TokenSet): Expr {
    const { current, next } = this.#tokens
    const follow = this.#follow(closers)
    if (!EXPRESSION_START.has(nameOf(current))) {
      if (this.#tokens.skipExtraneous(EXPRESSION_START)) return this.#unary(closers)
      this.#tokens.mismatch(EXPRESSION_START, follow)
      return missing(current.offset)
    }
    const isNegativeNumber = next.kind === 'NUM_INT' || next.kind === 'NUM_FLOAT'
    if (this.#tokens.is('!') || (this.#tokens.is('-') && !isNegativeNumber)) {
      return this.#prefixed(current, closers)
    }
    return this.#member(closers)
  }

  /** Any number of `!`, or of `-`: an even number of them is none. */
  #prefixed(first: Token, closers: TokenSet): Expr {
    let count = 0
    while (this.#tokens.takeIf(first.text) !== undefined) count++
    const { current } = this.#tokens
    if (!EXPRESSION_START.has(nameOf(current)) || this.#tokens.is('!') || this.#tokens.is('-')) {
      const follow = this.#follow(closers)
      if (first.text === '-') this.#tokens.noViableAlternative(first, follow)
      else if (!this.#tokens.skipExtraneous(EXPRESSION_START)) {
        const word = current.kind === 'EOF' ? 'extraneous' : 'mismatched'
        const expected = [...EXPRESSION_START].join(', ')
        this.#tokens.report(`${word} input '${current.text}' expecting {${expected}}`)
        this.#tokens.recover(follow)
      }
      return missing(current.offset)
    }
    const operand = this.#member(closers)
    if (count % 2 === 0) return operand
    return this.#call(first.offset, first.text === '!' ? LOGICAL_NOT : NEGATE, undefined, [operand])
  }

  /** A primary with selections, calls and indexes after it. */
  #member(closers: TokenSet): Expr {
    let expr = this.#primary(closers)
    let levels = 0
    while (this.#tokens.is('.') || this.#tokens.is('[')) {
      this.#deepen(1)
      levels++
      expr = this.#tokens.is('.') ? this.#selection(expr, closers) : this.#index(expr, closers)
    }
    this.#deepen(-levels)
    return expr
  }

  #selection(operand: Expr, closers: TokenSet): Expr {
    const dot = this.#tokens.take()
    const isOptional = this.#tokens.takeIf('?') !== undefined
    const { current } = this.#tokens
    const isEscaped = current.kind === 'ESC_IDENTIFIER'
    if (current.kind !== 'IDENTIFIER' && !isEscaped) {
      this.#tokens.noViableAlternative(dot, this.#follow(closers))
      return operand
    }
    const name = this.#tokens.take()
    if (isEscaped) this.#issue(name.offset, "unsupported syntax: '`'")
    if (isOptional) {
      const field: Expr = { kind: 'literal', offset: name.offset, value: name.text }
      const args = [operand, field]
      return { kind: 'call', offset: dot.offset, name: OPTIONAL_SELECT, args }
    }
    if (!isEscaped && this.#tokens.is('(')) {
      const open = this.#tokens.take()
      return this.#call(open.offset, name.text, operand, this.#arguments(closers))
    }
    return { kind: 'select', offset: dot.offset, operand, field: name.text, isTest: false }
  }

  #index(operand: Expr, closers: TokenSet): Expr {
    const open = this.#tokens.take()
    const isOptional = this.#tokens.takeIf('?') !== undefined
    if (!isOptional) this.#demand(new Set([...EXPRESSION_START, "'?'"]))
    const index = this.#expression(BRACKET)
    this.#close("']'", closers)
    const name = isOptional ? OPTIONAL_INDEX : INDEX
    return this.#call(open.offset, name, undefined, [operand, index])
  }

  #arguments(closers: TokenSet): Expr[] {
    const args: Expr[] = []
    if (this.#tokens.takeIf(')') !== undefined) return args
    if (!this.#demand(new Set([...EXPRESSION_START, "')'"]))) return args
    do args.push(this.#expression(ARGUMENT))
    while (this.#tokens.takeIf(',') !== undefined)
    this.#close("')'", closers)
    return args
  }

  #primary(closers: TokenSet): Expr {
    const { current } = this.#tokens
    if (this.#tokens.takeIf('(') !== undefined) {
      const expr = this.#expression(PAREN)
      this.#close("')'", closers)
      return expr
    }
    if (this.#tokens.is('[')) return this.#list(closers)
    if (this.#tokens.is('{')) return this.#map(closers)
    if (current.kind === 'IDENTIFIER' || this.#tokens.is('.')) return this.#named(closers)
    return this.#literal()
  }

  /** A name, a call, or the construction of an object. */
  #named(closers: TokenSet): Expr {
    const start = this.#tokens.current
    const dot = this.#tokens.takeIf('.')
    if (this.#tokens.current.kind !== 'IDENTIFIER') {
      this.#tokens.noViableAlternative(start, this.#follow(closers))
      return missing(start.offset)
    }
    const typeName = this.#typeNameAhead()
    if (typeName !== undefined)
      return this.#struct((dot === undefined ? '' : '.') + typeName, closers)
    const identifier = this.#tokens.take()
    const isReserved = RESERVED.has(identifier.text)
    if (isReserved) this.#issue(start.offset, `reserved identifier: ${identifier.text}`)
    const name = (dot === undefined ? '' : '.') + identifier.text
    if (!this.#tokens.is('(')) return { kind: 'ident', offset: identifier.offset, name }
    const open = this.#tokens.take()
    const args = this.#arguments(closers)
    return isReserved ? missing(start.offset) : this.#call(open.offset, name, undefined, args)
  }

  /** The qualified name before a `{`, if that is what comes. */
  #typeNameAhead(): string | undefined {
    let name = this.#tokens.current.text
    let ahead = 1
    while (this.#tokens.peek(ahead).text === '.') {
      const part = this.#tokens.peek(ahead + 1)
      if (part.kind !== 'IDENTIFIER') return undefined
      name += `.${part.text}`
      ahead += 2
    }
    const brace = this.#tokens.peek(ahead)
    return brace.kind === 'symbol' && brace.text === '{' ? name : undefined
  }

  #struct(typeName: string, closers: TokenSet): Expr {
    while (!this.#tokens.is('{')) this.#tokens.take()
    const { offset } = this.#tokens.take()
    const fields: StructField[] = []
    const start: TokenSet = new Set(["'?'", 'IDENTIFIER', 'ESC_IDENTIFIER'])
    const isEmpty = this.#isEmpty('}', new Set(["'}'", "','", ...start]))
    while (!isEmpty) {
      const isOptional = this.#tokens.takeIf('?') !== undefined
      const { current } = this.#tokens
      if (!start.has(nameOf(current))) {
        this.#tokens.mismatch(start, this.#follow(closers))
        break
      }
      const name = this.#tokens.take()
      if (name.kind === 'ESC_IDENTIFIER') this.#issue(offset, "unsupported syntax: '`'")
      const colon = this.#tokens.expect("':'", EXPRESSION_START, ENTRY)
      const value = this.#expression(ENTRY)
      fields.push({ offset: colon?.offset ?? offset, name: name.text, value, isOptional })
      if (!this.#hasMore('}', ENTRY, start)) break
    }
    this.#close("'}'", closers)
    return { kind: 'struct', offset, typeName, fields }
  }

  #list(closers: TokenSet): Expr {
    const { offset } = this.#tokens.take()
    const elements: Expr[] = []
    const optionals = new Set<number>()
    const start: TokenSet = new Set([...EXPRESSION_START, "'?'"])
    const isEmpty = this.#isEmpty(']', new Set([...start, "']'", "','"]))
    while (!isEmpty) {
      if (this.#tokens.takeIf('?') !== undefined) optionals.add(elements.length)
      elements.push(this.#expression(ELEMENT))
      if (!this.#hasMore(']', ELEMENT, start)) break
    }
    this.#close("']'", closers)
    return { kind: 'list', offset, elements, optionals }
  }

  #map(closers: TokenSet): Expr {
    const { offset } = this.#tokens.take()
    const entries: MapEntry[] = []
    const start: TokenSet = new Set([...EXPRESSION_START, "'?'"])
    const isEmpty = this.#isEmpty('}', new Set([...start, "'}'", "','"]))
    while (!isEmpty) {
      const isOptional = this.#tokens.takeIf('?') !== undefined
      const key = this.#expression(COLON)
      const colon = this.#tokens.expect("':'", EXPRESSION_START, ENTRY)
      const value = this.#expression(ENTRY)
      entries.push({ offset: colon?.offset ?? offset, key, value, isOptional })
      if (!this.#hasMore('}', ENTRY, start)) break
    }
    this.#close("'}'", closers)
    return { kind: 'map', offset, entries }
  }

  /** Whether a list or map ends at once; it may hold a single comma. */
  #isEmpty(close: string, expected: TokenSet): boolean {
    if (this.#tokens.takeIf(',') !== undefined || this.#tokens.is(close)) return true
    return !this.#demand(expected)
  }

  /** After an element: whether another follows; the last may have a comma after it. */
  #hasMore(close: string, expected: TokenSet, start: TokenSet): boolean {
    if (!expected.has(nameOf(this.#tokens.current)) && !this.#demand(expected)) return false
    if (this.#tokens.is(close)) return false
    this.#tokens.take()
    return start.has(nameOf(this.#tokens.current))
  }

  /** Whether one of the expected is there, if need be after a token too many. */
  #demand(expected: TokenSet): boolean {
    if (expected.has(nameOf(this.#tokens.current))) return true
    if (this.#tokens.skipExtraneous(expected)) return true
    this.#tokens.mismatch(expected, new Set(OPERATOR_NAMES))
    return false
  }

  #close(symbol: string, closers: TokenSet): void {
    const after = new Set([...this.#follow(closers), "'.'", "'['"])
    this.#tokens.expect(symbol, after, this.#follow(closers))
  }

  #follow(closers: TokenSet): TokenSet {
    return new Set([...OPERATOR_NAMES, "'?'", ...closers])
  }

  #literal(): Expr {
    const { offset } = this.#tokens.current
    const minus = this.#tokens.takeIf('-')
    const { kind, text } = this.#tokens.take()
    const value = this.#literalValue(kind, (minus === undefined ? '' : '-') + text, offset)
    return { kind: 'literal', offset, value }
  }

  #literalValue(kind: Token['kind'], text: string, offset: number): CelValue {
    if (kind === 'symbol') return text === 'null' ? null : text === 'true'
    try {
      if (kind === 'STRING') return unescapeString(text)
      if (kind === 'BYTES') return new Bytes(unescapeBytes(text.slice(1)))
    } catch (error) {
      if (!(error instanceof UnescapeError)) throw error
      this.#issue(offset, error.message)
      return text
    }
    const number = parseNumber(kind, text)
    if (typeof number !== 'string') return number
    this.#issue(offset, `invalid ${number} literal`)
    return 0
  }

  /** A call, or what a macro of that name makes of it. */
  #call(offset: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
    const macro = this.#macros.get(macroKey(name, args.length, target !== undefined))
    if (macro !== undefined) {
      try {
        const expanded = macro(offset, target ?? missing(offset), args)
        if (expanded !== undefined) return expanded
      } catch (error) {
        if (!(error instanceof MacroError)) throw error
        this.#issue(error.offset, error.message)
        return missing(offset)
      }
    }
    return { kind: 'call', offset, name, args, ...(target !== undefined && { target }) }
  }

  #issue(offset: number, message: string): void {
    this.#issues.push({ offset, message })
  }

  #deepen(levels: number): void {
    this.#depth += levels
    if (this.#depth <= MAX_DEPTH) return
    this.#issue(-1, `expression recursion limit exceeded: ${MAX_DEPTH}`)
    throw new ParseAborted()
  }
}

/** The value of a number, or what it should have been. */
function parseNumber(kind: Token['kind'], text: string): CelValue {
  if (kind === 'NUM_FLOAT') {
    const value = parseGoFloat(text)
    return value === undefined ? 'double' : new Double(value)
  }
  const isNegative = text.startsWith('-')
  const magnitude = BigInt(text.replace(/^-/, '').replace(/[uU]$/, ''))
  if (kind === 'NUM_UINT') return magnitude > MAX_UINT ? 'uint' : new Uint(magnitude)
  const value = toInt(isNegative ? -magnitude : magnitude)
  return value instanceof CelError ? 'int' : value
}

/** A chain of `&&` or `||` as a balanced tree, so that long chains are not deep. */
function balance(name: string, terms: readonly Expr[], operators: readonly number[]): Expr {
  const build = (low: number, high: number): Expr => {
    const middle = Math.floor((low + high + 1) / 2)
    const left = middle === low ? terms[middle] : build(low, middle - 1)
    const right = middle === high ? terms[middle + 1] : build(middle + 1, high)
    const args = [left ?? missing(0), right ?? missing(0)]
    return { kind: 'call', offset: operators[middle] ?? 0, name, args }
  }
  return operators.length === 0 ? (terms[0] ?? missing(0)) : build(0, operators.length - 1)
}
