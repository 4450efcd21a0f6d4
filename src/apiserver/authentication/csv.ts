/** What a text that is no CSV is refused with. */
export class CsvSyntaxError extends Error {
  override readonly name = 'CsvSyntaxError'
}

const QUOTE = '"'

/**
 * The records of a text of comma-separated values (RFC 4180, with Go's liberties: empty lines are
 * nothing, and records may differ in length).
 */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = []
  let position = 0
  let record: string[] = []
  const endRecord = () => {
    records.push(record)
    record = []
  }
  while (position < text.length) {
    if (record.length === 0) {
      const [empty = ''] = /^\r?\n/.exec(text.slice(position, position + 2)) ?? []
      position += empty.length
      if (empty !== '') continue
    }
    const field = text[position] === QUOTE ? quoted(text, position) : bare(text, position)
    record.push(field.value)
    position = field.end
    if (text[position] === ',') {
      position++
      // What ends with a comma has one more field, an empty one.
      if (position === text.length) record.push('')
      else continue
    }
    if (text.startsWith('\r\n', position)) position += 2
    else if (position < text.length) position++
    endRecord()
  }
  return records
}

interface Field {
  readonly value: string
  /** Of the comma, the line break or the text's end after it. */
  readonly end: number
}

function bare(text: string, start: number): Field {
  let end = start
  while (end < text.length && text[end] !== ',' && text[end] !== '\n') end++
  const value = text.slice(start, text[end] === '\n' && text[end - 1] === '\r' ? end - 1 : end)
  if (value.includes(QUOTE)) throw failure(text, start, 'bare " in non-quoted-field')
  return { value, end: start + value.length }
}

function quoted(text: string, start: number): Field {
  let value = ''
  let position = start + 1
  for (;;) {
    const end = text.indexOf(QUOTE, position)
    if (end < 0) throw failure(text, start, 'extraneous or missing " in quoted-field')
    value += text.slice(position, end)
    if (text[end + 1] !== QUOTE) {
      position = end + 1
      break
    }
    value += QUOTE
    position = end + 2
  }
  const isOver = position === text.length || /^(,|\r?\n)/.test(text.slice(position, position + 2))
  if (!isOver) throw failure(text, start, 'extraneous or missing " in quoted-field')
  return { value, end: position }
}

function failure(text: string, position: number, why: string): CsvSyntaxError {
  const line = text.slice(0, position).split('\n').length
  return new CsvSyntaxError(`parse error on line ${line}: ${why}`)
}
