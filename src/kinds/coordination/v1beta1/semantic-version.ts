/** A version as semver 2.0 defines it: three numbers, and perhaps what comes before it. */
export interface SemanticVersion {
  readonly numbers: readonly number[]
  readonly before: readonly string[]
}

const NUMBER = '(?:0|[1-9][0-9]*)'
const PART = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)'
const VERSION = new RegExp(
  `^(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})(?:-(${PART}(?:\\.${PART})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
)

/** Undefined for what is no version. */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  const [match, major, minor, patch, before] = VERSION.exec(text) ?? []
  if (match === undefined) return undefined
  return { numbers: [major, minor, patch].map(Number), before: before?.split('.') ?? [] }
}

/** Negative when `a` is the older one; a version is newer than all that come before it. */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.before.length === 0 || b.before.length === 0) {
    return Number(a.before.length === 0) - Number(b.before.length === 0)
  }
  for (const [index, part] of a.before.entries()) {
    const other = b.before[index]
    if (other === undefined) return 1
    const difference = compareParts(part, other)
    if (difference !== 0) return difference
  }
  return a.before.length - b.before.length
}

function compareParts(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [a, b].map((part) => /^[0-9]+$/.test(part))
  if (isNumber && isOtherNumber) return Number(a) - Number(b)
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
