const SURROGATE = /[\ud800-\udfff]/

/** How many code points a text has: what `size` counts and costs are measured in. */
export function codePointCount(text: string): number {
  if (!SURROGATE.test(text)) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}

/** The code points of a text; texts without surrogates need no such list. */
export function codePointsOf(text: string): readonly string[] | string {
  return SURROGATE.test(text) ? [...text] : text
}

/** The order of two texts by their code points, as that of their UTF-8 bytes. */
export function compareStrings(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  if (SURROGATE.test(a) || SURROGATE.test(b)) {
    return Buffer.compare(Buffer.from(a), Buffer.from(b)) as -1 | 0 | 1
  }
  return a < b ? -1 : 1
}
