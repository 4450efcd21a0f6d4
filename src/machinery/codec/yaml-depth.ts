import { Lexer } from 'yaml'
import { CodecError, MOST_DEPTH } from './json.ts'

const OPENING = /[[{]/g
const INDICATORS = /^[ \t]*(?:[-?:][ \t]+)*/gm

/**
 * Throws CodecError for a text that nests too deeply, before the parser sees it: the parser would
 * run out of stack, or, on a hundred thousand brackets, take the whole process with it.
 */
export function checkYamlDepth(text: string): void {
  if (isSurelyShallow(text)) return
  let brackets = 0
  let indicators = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets++
    else if (token === ']' || token === '}') brackets--
    else if (token === '-' || token === '?' || token === ':') indicators++
    else if (token.startsWith('\n') || token.startsWith('\r')) indicators = 0
    if (brackets > MOST_DEPTH || indicators > MOST_DEPTH) throw tooDeep()
  }
}

/** The error of a document with too many levels. */
export function tooDeep(): CodecError {
  return new CodecError(`exceeded max depth of ${MOST_DEPTH}`)
}

/** True when even all brackets together, in strings and comments too, could not be too deep. */
function isSurelyShallow(text: string): boolean {
  let opened = 0
  for (const _ of text.matchAll(OPENING)) if (++opened > MOST_DEPTH) return false
  for (const [prefix] of text.matchAll(INDICATORS)) if (prefix.length > MOST_DEPTH) return false
  return true
}
