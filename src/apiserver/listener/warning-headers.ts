/** Texts are sent whole until they have so many characters together (upstream's limit). */
const MAX_TOTAL_CHARACTERS = 4 * 1024
/** Then each is cut to so many. */
const MAX_TEXT_CHARACTERS = 256

/** The `Warning` headers of an answer: `299 - "text"` for each text that may stand in one. */
export function warningHeaders(texts: readonly string[]): readonly string[] {
  const sendable = texts.filter(isSendable)
  const total = sendable.reduce((sum, text) => sum + [...text].length, 0)
  if (total <= MAX_TOTAL_CHARACTERS) return sendable.map(formatWarning)
  const headers: string[] = []
  let written = 0
  for (const text of sendable) {
    if (written >= MAX_TOTAL_CHARACTERS) break
    const cut = [...text].slice(0, MAX_TEXT_CHARACTERS)
    written += cut.length
    headers.push(formatWarning(cut.join('')))
  }
  return headers
}

function formatWarning(text: string): string {
  // Node writes header values as latin1: handing it the bytes of UTF-8 sends what Go sends.
  const quoted = text.replace(/["\\]/g, (character) => `\\${character}`)
  return Buffer.from(`299 - "${quoted}"`).toString('latin1')
}

function isSendable(text: string): boolean {
  return text !== '' && !/\p{Cc}/u.test(text)
}
