import type { Issue } from './source.ts'

/** The kinds of tokens under the names that upstream's messages use. */
export type TokenKind =
  | 'IDENTIFIER'
  | 'ESC_IDENTIFIER'
  | 'NUM_FLOAT'
  | 'NUM_INT'
  | 'NUM_UINT'
  | 'STRING'
  | 'BYTES'
  | 'EOF'
  /** Operators, brackets and the words `in`, `true`, `false`, `null` stand for themselves. */
  | 'symbol'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
}

const SPACE = /(?:[\t\f\r\n ]+|\/\/[^\n]*)+/y
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y
const ESCAPED_IDENTIFIER = /`[A-Za-z0-9_.\-/ ]+`/y
const FLOAT =
  /(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)/y
const INTEGER = /(?:0x[0-9a-fA-F]+|[0-9]+)[uU]?/y
const SYMBOL = /==|!=|<=|>=|&&|\|\||[[\]{}().,\-!?:+*/%<>]/y

const ESCAPE =
  String.raw`\\(?:[abfnrtv"'\\?` +
  '`' +
  String.raw`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7][0-7])`
const STRING = new RegExp(
  [
    String.raw`[rR]"""[^]*?"""`,
    String.raw`[rR]'''[^]*?'''`,
    String.raw`[rR]"[^"\n\r]*"`,
    String.raw`[rR]'[^'\n\r]*'`,
    String.raw`"""(?:${ESCAPE}|[^\\])*?"""`,
    String.raw`'''(?:${ESCAPE}|[^\\])*?'''`,
    String.raw`"(?:${ESCAPE}|[^\\"\n\r])*"`,
    String.raw`'(?:${ESCAPE}|[^\\'\n\r])*'`,
  ].join('|'),
  'y',
)
/** An escape up to the character that breaks it, or the line end that breaks the string. */
const BREAK = String.raw`(?:\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?[^]?|[\n\r])?`
/** How far upstream's scanner reads a text that starts as a token but is none. */
const BROKEN = new RegExp(
  [
    String.raw`"(?:${ESCAPE}|[^\\"\n\r])*${BREAK}`,
    String.raw`'(?:${ESCAPE}|[^\\'\n\r])*${BREAK}`,
    '`[A-Za-z0-9_.\\-/ ]*[^]?',
    '[=|&][^]?',
  ].join('|'),
  'uy',
)
const WORDS: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null'])

/** Splits an expression into tokens; what is no token is reported and skipped. */
export function tokenize(text: string, issues: Issue[]): Token[] {
  const tokens: Token[] = []
  let offset = 0
  const match = (pattern: RegExp, at = offset): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const take = (kind: TokenKind, taken: string) => {
    tokens.push({ kind, text: taken, offset })
    offset += taken.length
  }
  while (true) {
    offset += match(SPACE)?.length ?? 0
    if (offset >= text.length) break
    const string = match(STRING)
    if (string !== undefined) {
      take('STRING', string)
      continue
    }
    const first = text[offset] ?? ''
    const bytes = first === 'b' || first === 'B' ? match(STRING, offset + 1) : undefined
    if (bytes !== undefined) {
      take('BYTES', first + bytes)
      continue
    }
    const number = longest(match(FLOAT), match(INTEGER))
    if (number !== undefined) {
      take(kindOfNumber(number), number)
      continue
    }
    const identifier = match(IDENTIFIER)
    if (identifier !== undefined) {
      take(WORDS.has(identifier) ? 'symbol' : 'IDENTIFIER', identifier)
      continue
    }
    const escaped = match(ESCAPED_IDENTIFIER)
    if (escaped !== undefined) {
      take('ESC_IDENTIFIER', escaped)
      continue
    }
    const symbol = match(SYMBOL)
    if (symbol !== undefined) {
      take('symbol', symbol)
      continue
    }
    const broken = match(BROKEN) ?? String.fromCodePoint(text.codePointAt(offset) ?? 0)
    issues.push({
      offset,
      message: `Syntax error: token recognition error at: '${escapeSpace(broken)}'`,
    })
    offset += broken.length
  }
  tokens.push({ kind: 'EOF', text: '<EOF>', offset: text.length })
  return tokens
}

function longest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.length > b.length ? a : b
}

function kindOfNumber(text: string): TokenKind {
  if (/[uU]$/.test(text)) return 'NUM_UINT'
  return /^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(text) ? 'NUM_INT' : 'NUM_FLOAT'
}

/** White space as messages show it. */
export function escapeSpace(text: string): string {
  return text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}
