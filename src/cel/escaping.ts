/** Names that expressions cannot use as they are. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function'],
  ...['if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
])

const ESCAPES: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
]
const ESCAPE_OF = new Map(ESCAPES)
const UNESCAPE_OF = new Map(ESCAPES.map(([text, escaped]) => [escaped, text]))

/**
 * The name under which expressions see a property: `a.b` is `a__dot__b`, `namespace` is
 * `__namespace__`. `undefined` for properties that expressions cannot see.
 */
export function escapeName(property: string): string | undefined {
  if (RESERVED_WORDS.has(property)) return `__${property}__`
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(property)) return undefined
  return property.replace(/__|[-./]/g, (text) => ESCAPE_OF.get(text) ?? text)
}

/** The reverse of `escapeName`; `undefined` for what is no escaped name. */
export function unescapeName(name: string): string | undefined {
  if (!name.includes('__')) return name
  let isValid = true
  const property = name.replace(/__[^_]+__/g, (escaped) => {
    const text = UNESCAPE_OF.get(escaped)
    if (text !== undefined) return text
    const word = escaped.slice(2, -2)
    if (!RESERVED_WORDS.has(word) || escaped !== name) isValid = false
    return word
  })
  return isValid ? property : undefined
}
