import { escapeSpace, type Token } from './lexer.ts'
import type { Issue } from './source.ts'

/** Every token as messages name it, in the order in which they list them. */
const NAMES: readonly string[] = [
  ...["'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "']'", "'{'"],
  ...["'}'", "'('", "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'", "'*'", "'/'", "'%'"],
  ...["'true'", "'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES'],
  ...['IDENTIFIER', 'ESC_IDENTIFIER', '<EOF>'],
]

/** A set of tokens by their names in messages: `'('`, `IDENTIFIER`, `<EOF>`. */
export type TokenSet = ReadonlySet<string>

/** The name of a token in messages and token sets. */
export function nameOf({ kind, text }: Token): string {
  if (kind === 'symbol') return `'${text}'`
  return kind === 'EOF' ? '<EOF>' : kind
}

function describe(expected: TokenSet): string {
  const names = NAMES.filter((name) => expected.has(name))
  return names.length === 1 ? (names[0] ?? '') : `{${names.join(', ')}}`
}

/**
 * Reads tokens and words what is wrong with them as upstream's generated parser does: a token too
 * many is skipped, a missing one imagined, and until the next token fits nothing more is said.
 */
export class TokenReader {
  readonly issues: Issue[]
  readonly #tokens: readonly Token[]
  #at = 0
  #isRecovering = false

  constructor(tokens: readonly Token[], issues: Issue[]) {
    this.#tokens = tokens
    this.issues = issues
  }

  get current(): Token {
    return this.#tokens[this.#at] ?? this.last
  }

  get next(): Token {
    return this.#tokens[this.#at + 1] ?? this.last
  }

  get last(): Token {
    return this.#tokens.at(-1) ?? { kind: 'EOF', text: '<EOF>', offset: 0 }
  }

  /** The qualified name before a `{`, if that is what comes. */
  typeNameAhead(): string | undefined {
    let name = this.current.text
    let ahead = 1
    while (this.#peek(ahead).text === '.') {
      const part = this.#peek(ahead + 1)
      if (part.kind !== 'IDENTIFIER') return undefined
      name += `.${part.text}`
      ahead += 2
    }
    const brace = this.#peek(ahead)
    return brace.kind === 'symbol' && brace.text === '{' ? name : undefined
  }

  /** Whether the current token is the symbol. */
  is(symbol: string): boolean {
    const { kind, text } = this.current
    return kind === 'symbol' && text === symbol
  }

  /** Takes the current token, whatever it is. */
  take(): Token {
    this.#isRecovering = false
    const token = this.current
    if (this.#at < this.#tokens.length - 1) this.#at++
    return token
  }

  takeIf(symbol: string): Token | undefined {
    return this.is(symbol) ? this.take() : undefined
  }

  /**
   * Takes the token named `expected`. If it lacks: skips one token when the next fits, goes on
   * without it when the current token may come `after` it, and else reports a mismatch.
   */
  expect(expected: string, after: TokenSet, follow: TokenSet): Token | undefined {
    if (nameOf(this.current) === expected) return this.take()
    const only = new Set([expected])
    if (this.skipExtraneous(only)) return this.take()
    if (after.has(nameOf(this.current))) {
      this.report(`missing ${expected} at ${this.#quoted()}`)
      return undefined
    }
    this.mismatch(only, follow)
    return undefined
  }

  /** Skips the current token, with a message, if the next is one of the expected. */
  skipExtraneous(expected: TokenSet): boolean {
    if (this.current.kind === 'EOF' || !expected.has(nameOf(this.next))) return false
    this.report(`extraneous input ${this.#quoted()} expecting ${describe(expected)}`)
    this.#at++
    return true
  }

  /** Reports that none of the expected is there, and skips to what may follow. */
  mismatch(expected: TokenSet, follow: TokenSet): void {
    this.report(`mismatched input ${this.#quoted()} expecting ${describe(expected)}`)
    this.recover(follow)
  }

  /** As `mismatch`, though something was said of this place already. */
  mismatchAnew(expected: TokenSet, follow: TokenSet): void {
    this.#isRecovering = false
    this.mismatch(expected, follow)
  }

  /** Reports that the tokens from `start` on, with the current one, make no sense. */
  noViableAlternative(start: Token, follow: TokenSet): void {
    const from = this.#tokens.indexOf(start)
    const texts = this.#tokens
      .slice(from, this.#at + 1)
      .map(({ kind, text }) => (kind === 'EOF' ? '' : text))
    this.report(`no viable alternative at input '${escapeSpace(texts.join(''))}'`)
    this.recover(follow)
  }

  report(message: string): void {
    if (this.#isRecovering) return
    this.#isRecovering = true
    this.issues.push({ offset: this.current.offset, message: `Syntax error: ${message}` })
  }

  recover(follow: TokenSet): void {
    while (this.current.kind !== 'EOF' && !follow.has(nameOf(this.current))) this.#at++
  }

  #peek(distance: number): Token {
    return this.#tokens[this.#at + distance] ?? this.last
  }

  #quoted(): string {
    return `'${escapeSpace(this.current.text)}'`
  }
}
