import { RESERVED_WORDS } from '../escaping.ts'
import { codePointCount } from '../values/strings.ts'
import type { CelValue } from '../values/value.ts'
import type { Expr, MapEntry, StructField } from './ast.ts'
import { balance, missing } from './balance.ts'
import { type Token, tokenize } from './lexer.ts'
import { LiteralError, literalValue } from './literals.ts'
import type { Macros } from './macro.ts'
import { MAX_DEPTH, NodeBuilder, ParseAborted } from './node-builder.ts'
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
import {
  ARGUMENT,
  BRACKET,
  COLON,
  CONSTANTS,
  ELEMENT,
  END,
  ENTRY,
  EXPRESSION_START,
  IDENTIFIER,
  OPERATOR_NAMES,
  PAREN,
  RELATIONS,
} from './token-sets.ts'

const MAX_CODE_POINTS = 100_000

/**
 * Parses an expression. What is wrong with it is added to `issues`; the tree is of use only when
 * there are none.
 */
export function parseExpression(text: string, macros: Macros, issues: Issue[]): Expr {
  const size = codePointCount(text)
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

class Parser {
  readonly #tokens: TokenReader
  readonly #issues: Issue[]
  readonly #nodes: NodeBuilder
  #depth = 0

  constructor(tokens: readonly Token[], macros: Macros, issues: Issue[]) {
    this.#tokens = new TokenReader(tokens, issues)
    this.#nodes = new NodeBuilder(macros, issues)
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
      expr = this.#nodes.call(question.offset, CONDITIONAL, undefined, [condition, truthy, falsy])
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
    return this.#nodes.nest(balance(name, terms, operators), terms, 0)
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
    while (this.#tokens.current.kind === 'symbol' && isOperator(this.#tokens.current.text)) {
      const { text, offset } = this.#tokens.take()
      const args = [expr, operand()]
      expr = this.#nodes.call(offset, OPERATORS[text] ?? text, undefined, args)
    }
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
    let last = first
    while (this.#tokens.is(first.text)) {
      last = this.#tokens.take()
      count++
    }
    const { current } = this.#tokens
    if (!EXPRESSION_START.has(nameOf(current)) || this.#tokens.is('!') || this.#tokens.is('-')) {
      const follow = this.#follow(closers)
      if (first.text === '-') {
        this.#tokens.noViableAlternative(last, follow)
        // At the end of the text upstream's parser complains twice.
        if (current.kind === 'EOF') this.#tokens.mismatchAnew(EXPRESSION_START, follow)
      } else if (!this.#tokens.skipExtraneous(EXPRESSION_START)) {
        const word = current.kind === 'EOF' ? 'extraneous' : 'mismatched'
        const expected = [...EXPRESSION_START].join(', ')
        this.#tokens.report(`${word} input '${current.text}' expecting {${expected}}`)
        this.#tokens.recover(follow)
      }
      return missing(current.offset)
    }
    const operand = this.#member(closers)
    if (count % 2 === 0) return operand
    return this.#nodes.call(first.offset, first.text === '!' ? LOGICAL_NOT : NEGATE, undefined, [
      operand,
    ])
  }

  /** A primary with selections, calls and indexes after it. */
  #member(closers: TokenSet): Expr {
    let expr = this.#primary(closers)
    while (this.#tokens.is('.') || this.#tokens.is('[')) {
      expr = this.#tokens.is('.') ? this.#selection(expr, closers) : this.#index(expr, closers)
    }
    return expr
  }

  #selection(operand: Expr, closers: TokenSet): Expr {
    const dot = this.#tokens.take()
    const isOptional = this.#tokens.takeIf('?') !== undefined
    const { current } = this.#tokens
    const isEscaped = current.kind === 'ESC_IDENTIFIER'
    if (current.kind !== 'IDENTIFIER' && !isEscaped) {
      if (CONSTANTS.has(current.text)) this.#tokens.mismatch(IDENTIFIER, this.#follow(closers))
      else this.#tokens.noViableAlternative(dot, this.#follow(closers))
      return operand
    }
    const name = this.#tokens.take()
    if (isEscaped) this.#issue(name.offset, "unsupported syntax: '`'")
    if (isOptional) {
      const field: Expr = { kind: 'literal', offset: name.offset, value: name.text }
      const args = [operand, field]
      return this.#nodes.nest(
        { kind: 'call', offset: dot.offset, name: OPTIONAL_SELECT, args },
        args,
        1,
      )
    }
    if (!isEscaped && this.#tokens.is('(')) {
      const open = this.#tokens.take()
      return this.#nodes.call(open.offset, name.text, operand, this.#arguments(closers))
    }
    const { offset } = dot
    const select: Expr = { kind: 'select', offset, operand, field: name.text, isTest: false }
    return this.#nodes.nest(select, [operand], 1)
  }

  #index(operand: Expr, closers: TokenSet): Expr {
    const open = this.#tokens.take()
    const isOptional = this.#tokens.takeIf('?') !== undefined
    if (!isOptional) this.#demand(new Set([...EXPRESSION_START, "'?'"]))
    const index = this.#expression(BRACKET)
    this.#close("']'", closers)
    const name = isOptional ? OPTIONAL_INDEX : INDEX
    return this.#nodes.call(open.offset, name, undefined, [operand, index])
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
    const typeName = this.#tokens.typeNameAhead()
    if (typeName !== undefined)
      return this.#struct((dot === undefined ? '' : '.') + typeName, closers)
    const identifier = this.#tokens.take()
    const isReserved = RESERVED_WORDS.has(identifier.text)
    if (isReserved) this.#issue(start.offset, `reserved identifier: ${identifier.text}`)
    const name = (dot === undefined ? '' : '.') + identifier.text
    if (!this.#tokens.is('(')) {
      if (isReserved) return missing(start.offset)
      return { kind: 'ident', offset: identifier.offset, name }
    }
    const open = this.#tokens.take()
    const args = this.#arguments(closers)
    return isReserved ? missing(start.offset) : this.#nodes.call(open.offset, name, undefined, args)
  }

  #struct(typeName: string, closers: TokenSet): Expr {
    while (!this.#tokens.is('{')) this.#tokens.take()
    const { offset } = this.#tokens.take()
    const fields: StructField[] = []
    const first = this.#tokens.current
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
      if (name.kind === 'ESC_IDENTIFIER') this.#issue(first.offset, "unsupported syntax: '`'")
      const colon = this.#tokens.expect("':'", EXPRESSION_START, ENTRY)
      const value = this.#expression(ENTRY)
      fields.push({ offset: colon?.offset ?? offset, name: name.text, value, isOptional })
      if (!this.#hasMore('}', ENTRY, start)) break
    }
    this.#close("'}'", closers)
    const values = fields.map(({ value }) => value)
    return this.#nodes.nest({ kind: 'struct', offset, typeName, fields }, values, 0)
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
    return this.#nodes.nest({ kind: 'list', offset, elements, optionals }, elements, 0)
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
    const inner = entries.flatMap(({ key, value }) => [key, value])
    return this.#nodes.nest({ kind: 'map', offset, entries }, inner, 0)
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
    try {
      return literalValue(kind, text)
    } catch (error) {
      if (!(error instanceof LiteralError)) throw error
      this.#issue(offset, error.message)
      return text
    }
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
