/** A part of a document, in bytes. */
export interface Range {
  readonly start: number
  readonly length: number
}

type Found =
  | { readonly ranges: readonly Range[] }
  | { readonly error: string; readonly overlapsNothing?: true }

const INVALID = { error: 'invalid range' } as const

/**
 * The ranges that a `Range` header asks for; none where it asks for everything, or for more than
 * everything. Refuses what Go's library refuses, with its words.
 */
export function byteRanges(header: string, size: number): Found {
  if (header === '') return { ranges: [] }
  if (!header.startsWith('bytes=')) return INVALID
  const ranges: Range[] = []
  let isBeyond = false
  for (const given of header.slice('bytes='.length).split(',')) {
    const text = given.trim()
    if (text === '') continue
    const found = rangeOf(text, size)
    if (found === 'invalid') return INVALID
    if (found === 'beyond') isBeyond = true
    else ranges.push(found)
  }
  if (isBeyond && ranges.length === 0) {
    return size === 0
      ? { ranges }
      : { error: 'invalid range: failed to overlap', overlapsNothing: true }
  }
  const total = ranges.reduce((sum, { length }) => sum + length, 0)
  return { ranges: total > size ? [] : ranges }
}

function rangeOf(text: string, size: number): Range | 'invalid' | 'beyond' {
  const [, first, last] = /^(\d*)\s*-\s*(\d*)$/.exec(text) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'invalid'
  if (first === '') {
    const length = Math.min(Number(last), size)
    return { start: size - length, length }
  }
  const start = Number(first)
  if (start >= size) return 'beyond'
  if (last === '') return { start, length: size - start }
  if (start > Number(last)) return 'invalid'
  return { start, length: Math.min(Number(last), size - 1) - start + 1 }
}
