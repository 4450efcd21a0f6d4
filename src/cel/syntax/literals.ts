import { Bytes } from '../values/bytes.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { MAX_UINT, toInt } from '../values/integers.ts'
import { parseGoFloat } from '../values/parse-number.ts'
import { Uint } from '../values/uint.ts'
import type { CelValue } from '../values/value.ts'
import type { Token } from './lexer.ts'
import { UnescapeError, unescapeBytes, unescapeString } from './unescape.ts'

/** What is wrong with a literal. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError'
}

/** The value of a literal's token (a number may have a sign before it); throws `LiteralError`. */
export function literalValue(kind: Token['kind'], text: string): CelValue {
  switch (kind) {
    case 'symbol':
      return text === 'null' ? null : text === 'true'
    case 'STRING':
      return unescaped(() => unescapeString(text))
    case 'BYTES':
      return new Bytes(unescaped(() => unescapeBytes(text.slice(1))))
    case 'NUM_FLOAT': {
      const value = parseGoFloat(text)
      if (value === undefined) throw new LiteralError('invalid double literal')
      return new Double(value)
    }
    default:
      return wholeNumber(kind, text)
  }
}

function unescaped<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnescapeError) throw new LiteralError(error.message)
    throw error
  }
}

function wholeNumber(kind: Token['kind'], text: string): CelValue {
  const magnitude = BigInt(text.replace(/^-/, '').replace(/[uU]$/, ''))
  if (kind === 'NUM_UINT') {
    if (magnitude > MAX_UINT) throw new LiteralError('invalid uint literal')
    return new Uint(magnitude)
  }
  const value = toInt(text.startsWith('-') ? -magnitude : magnitude)
  if (value instanceof CelError) throw new LiteralError('invalid int literal')
  return value
}
