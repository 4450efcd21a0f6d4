const WHOLE = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Where base64 text is wrong, as Go's base64.CorruptInputError counts. */
export interface CorruptBase64 {
  readonly corruptAt: number
}

/**
 * The one spelling of some bytes in base64. As Go's decoder does, line breaks are allowed, and
 * bits that the padding leaves unused are cleared.
 */
export function canonicalBase64(text: string): string | CorruptBase64 {
  const plain = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, '') : text
  if (!WHOLE.test(plain)) return { corruptAt: corruptionOf(text) }
  if (!plain.endsWith('=')) return plain
  const last = plain.slice(-4)
  return plain.slice(0, -4) + Buffer.from(last, 'base64').toString('base64')
}

function corruptionOf(text: string): number {
  let position = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index] as string
    if (character === '\n' || character === '\r') continue
    if (character === '=') return corruptPadding(text, index, position % 4)
    if (!/[A-Za-z0-9+/]/.test(character)) return index
    position++
  }
  return text.length - (position % 4)
}

/** `inQuantum` letters of a group of four stand in front of the first `=`. */
function corruptPadding(text: string, index: number, inQuantum: number): number {
  if (inQuantum < 2) return index
  const skipBreaks = (from: number): number => {
    let next = from
    while (text[next] === '\n' || text[next] === '\r') next++
    return next
  }
  let next = skipBreaks(index + 1)
  if (inQuantum === 2) {
    if (next === text.length) return text.length
    if (text[next] !== '=') return next - 1
    next = skipBreaks(next + 1)
  }
  return next
}
