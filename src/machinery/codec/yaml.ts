import { Composer, type Document, LineCounter, Parser } from 'yaml'
import { CodecError, type DecodedDocument } from './json.ts'
import { checkYamlDepth, tooDeep } from './yaml-depth.ts'
import { checkYamlEscapes } from './yaml-escapes.ts'
import { YamlReader } from './yaml-reader.ts'

/** What may stand in no YAML stream; U+FEFF only at its beginning, which decoders drop. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/

/**
 * Reads the first document of a YAML text as kubectl and the API server do, with limits to depth
 * and to what aliases may expand to. Throws CodecError.
 */
export function decodeYaml(
  text: string,
  options: { readonly findDuplicates?: boolean } = {},
): DecodedDocument {
  if (CONTROL.test(text)) throw new CodecError('yaml: control characters are not allowed')
  checkYamlDepth(text)
  const lines = new LineCounter()
  const document = parse(text, lines)
  const [error] = document.errors
  if (error?.code === 'RESOURCE_EXHAUSTION') throw tooDeep()
  if (error === undefined || error.code === 'BAD_DQ_ESCAPE') {
    checkYamlEscapes(text, document, lines)
  }
  if (error !== undefined) {
    const line = lines.linePos(error.pos[0]).line
    throw new CodecError(`yaml: line ${line}: ${error.message}`)
  }
  const reader = new YamlReader(document, lines)
  const value = reader.read()
  const isStrict = options.findDuplicates === true && reader.duplicates.length > 0
  return {
    value,
    problems: isStrict ? [`yaml: unmarshal errors:\n${reader.duplicates.join('\n')}`] : [],
  }
}

/** Reads no further than the first document: what follows it costs nothing. */
function parse(text: string, lines: LineCounter): Document.Parsed {
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  })
  const tokens = new Parser(lines.addNewLine).parse(text)
  for (const document of composer.compose(tokens, true, text.length)) return document
  throw new Error('a text of YAML has one document at least')
}
