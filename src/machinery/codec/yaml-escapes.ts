import { type Document, type LineCounter, type Scalar, visit } from 'yaml'
import { CodecError } from './json.ts'

/** An escape of a scalar in double quotes; what follows a backslash is taken with it. */
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.)/gs

/**
 * Refuses escapes of what is no character: halves of surrogate pairs, also of whole pairs, which
 * JSON has but YAML has not, and what is beyond Unicode. Throws CodecError.
 */
export function checkYamlEscapes(text: string, document: Document.Parsed, lines: LineCounter) {
  if (!/\\u[dD]|\\U/.test(text)) return
  visit(document, {
    Scalar: (_, { type, range }: Scalar) => {
      if (type !== 'QUOTE_DOUBLE' || !range) return
      const [start, end] = range
      for (const { index, 1: short, 2: long } of text.slice(start, end).matchAll(ESCAPE)) {
        const code = Number.parseInt(short ?? long ?? '0', 16)
        const isSurrogate = code >= 0xd800 && code <= 0xdfff
        if (isSurrogate || code > 0x10ffff) throw invalidEscape(lines, start, start + index)
      }
    },
  })
}

/** Upstream's library names the line of the scalar, or of the escape, but no first line. */
function invalidEscape(lines: LineCounter, scalarAt: number, escapeAt: number): CodecError {
  const line = [scalarAt, escapeAt].map((at) => lines.linePos(at).line).find((one) => one > 1)
  const where = line === undefined ? '' : `line ${line}: `
  return new CodecError(`yaml: ${where}found invalid Unicode character escape code`)
}
