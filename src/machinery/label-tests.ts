import { INTEGER, type LabelRequirement } from './label-requirement.ts'

type Labels = Readonly<Record<string, string>>

/** Whether labels are as they must be; undefined where an object has none. */
export type LabelsTest = (labels: Labels | undefined) => boolean

/**
 * A test that all requirements hold, which asks no more than an object has labels, however many
 * requirements there are: those of one key are one, and what an object need not have is looked up
 * by what it has.
 *
 *     a in (x,y), b!=1, b!=2, !c     needed: a -> {x y}     others: b -> not {1 2}, c -> never
 */
export function compileRequirements(requirements: readonly LabelRequirement[]): LabelsTest {
  const byKey = new Map<string, KeyTest>()
  for (const requirement of requirements) {
    let test = byKey.get(requirement.key)
    if (test === undefined) {
      test = new KeyTest(requirement.key)
      byKey.set(requirement.key, test)
    }
    test.add(requirement)
  }
  const needed = [...byKey.values()].filter(({ isNeeded }) => isNeeded)
  for (const { key } of needed) byKey.delete(key)
  const others = [...byKey.values()]
  return (labels) => {
    if (labels === undefined) return needed.length === 0
    for (const test of needed) {
      const { key } = test
      if (!Object.hasOwn(labels, key) || !test.accepts(labels[key] as string)) return false
    }
    if (others.length > FEW) return acceptAll(byKey, labels)
    for (const test of others) {
      const { key } = test
      if (Object.hasOwn(labels, key) && !test.accepts(labels[key] as string)) return false
    }
    return true
  }
}

/** About as many as objects have labels. */
const FEW = 4

function acceptAll(tests: ReadonlyMap<string, KeyTest>, labels: Labels): boolean {
  for (const key of Object.keys(labels)) {
    if (tests.get(key)?.accepts(labels[key] as string) === false) return false
  }
  return true
}

/** Everything that is required of one label. */
class KeyTest {
  readonly key: string
  /** Whether an object without it is refused. */
  isNeeded = false
  #isForbidden = false
  /** All that are allowed; undefined where that is not said. */
  #allowed: ReadonlySet<string> | undefined
  /** In place of a set of one. */
  #only: string | undefined
  #denied: Set<string> | undefined
  #above: bigint | undefined
  #below: bigint | undefined

  constructor(key: string) {
    this.key = key
  }

  add({ operator, values }: LabelRequirement): void {
    switch (operator) {
      case '!':
        this.#isForbidden = true
        return
      case '!=':
      case 'notin':
        this.#denied ??= new Set()
        for (const value of values) this.#denied.add(value)
        return
      case 'in':
      case '=':
      case '==':
        this.#allow(values)
        break
      case 'gt':
        this.#above = limitOf(values, this.#above, (a, b) => a > b)
        break
      case 'lt':
        this.#below = limitOf(values, this.#below, (a, b) => a < b)
        break
    }
    this.isNeeded = true
  }

  #allow(values: readonly string[]): void {
    const allowed = this.#allowed
    const both = allowed === undefined ? values : values.filter((value) => allowed.has(value))
    this.#allowed = new Set(both)
    this.#only = both.length === 1 ? both[0] : undefined
  }

  accepts(value: string): boolean {
    if (this.#isForbidden) return false
    if (this.#only === undefined) {
      if (this.#allowed !== undefined && !this.#allowed.has(value)) return false
    } else if (this.#only !== value) return false
    if (this.#denied?.has(value) === true) return false
    if (this.#above === undefined && this.#below === undefined) return true
    return INTEGER.test(value) && this.#isBetween(toBigInt(value))
  }

  #isBetween(value: bigint): boolean {
    if (this.#above !== undefined && value <= this.#above) return false
    return this.#below === undefined || value < this.#below
  }
}

/** The stricter of two limits. */
function limitOf(
  [text = '']: readonly string[],
  limit: bigint | undefined,
  isStricter: (a: bigint, b: bigint) => boolean,
): bigint {
  const next = toBigInt(text)
  return limit === undefined || isStricter(next, limit) ? next : limit
}

function toBigInt(text: string): bigint {
  return BigInt(text.replace(/^\+/, ''))
}
