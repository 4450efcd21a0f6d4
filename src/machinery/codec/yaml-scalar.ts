const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
])
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))$/
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const MAX_UINT64 = 2n ** 64n - 1n

/** What a plain scalar means. Numbers beyond 2^53 are bigints as long as 64 bits hold them. */
export type YamlScalar = string | number | bigint | boolean | null

/**
 * Reads a plain scalar as upstream's YAML library does: YAML 1.1 without times and base 60, so
 * `yes` is true, `0644` is 420, and `22:30` and `2024-01-01` stay strings.
 */
export function resolveScalar(text: string): YamlScalar {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  if (!/^[-+.0-9]/.test(text)) return text
  if (NOT_FINITE.test(text))
    return text.endsWith('n') || text.endsWith('N') ? Number.NaN : infinity(text)
  const plain = text.replaceAll('_', '')
  return resolveInteger(plain) ?? (FLOAT.test(plain) ? Number(plain) : text)
}

function infinity(text: string): number {
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

function resolveInteger(plain: string): number | bigint | undefined {
  const match = INTEGER.exec(plain)
  if (match === null) return undefined
  const [, sign, hex, octal, binary, decimal] = match
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : octal !== undefined
        ? `0o${octal}`
        : binary !== undefined
          ? `0b${binary}`
          : (decimal ?? '0')
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits)
  if (value > MAX_UINT64 || value < -(2n ** 63n)) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
