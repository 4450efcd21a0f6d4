import {
  checkRequirement,
  compareText,
  exactValueOf,
  formatRequirement,
  type LabelOperator,
  type LabelRequirement,
  SelectorError,
  sortedSet,
} from './label-requirement.ts'
import { parseRequirements } from './label-selector-parser.ts'
import { compileRequirements, type LabelsTest } from './label-tests.ts'

export { SelectorError }

export interface Labels {
  readonly [key: string]: string
}

/** metav1.LabelSelector as it stands in objects. */
export interface LabelSelectorSpec {
  readonly matchLabels?: Labels | undefined
  readonly matchExpressions?:
    | readonly {
        readonly key: string
        readonly operator: string
        readonly values?: readonly string[] | undefined
      }[]
    | undefined
}

/** Which labels an object must have. Compiled once, then asked often. */
export class Selector {
  static readonly everything = new Selector([])
  static readonly nothing = new Selector(undefined)

  /** In the order of their keys; all must hold. */
  readonly requirements: readonly LabelRequirement[]
  readonly matchesNothing: boolean
  /** Made when it is first asked: many a selector never is. */
  #test: LabelsTest | undefined

  private constructor(requirements: readonly LabelRequirement[] | undefined) {
    this.matchesNothing = requirements === undefined
    this.requirements = [...(requirements ?? [])].sort((a, b) => compareText(a.key, b.key))
  }

  /** Throws SelectorError for a requirement that breaks a rule. */
  static of(requirements: readonly LabelRequirement[]): Selector {
    for (const requirement of requirements) checkRequirement(requirement)
    return Selector.ofChecked(requirements)
  }

  /** The same of requirements that are known to break no rule. */
  static ofChecked(requirements: readonly LabelRequirement[]): Selector {
    return requirements.length === 0 ? Selector.everything : new Selector(requirements)
  }

  /** All of these labels with these values; none means everything. Values are not checked. */
  static fromLabels(labels: Labels | undefined): Selector {
    const entries = Object.entries(labels ?? {})
    if (entries.length === 0) return Selector.everything
    return new Selector(entries.map(([key, value]) => ({ key, operator: '=', values: [value] })))
  }

  get isEverything(): boolean {
    return !this.matchesNothing && this.requirements.length === 0
  }

  matches(labels: Labels | undefined): boolean {
    if (this.matchesNothing) return false
    this.#test ??= compileRequirements(this.requirements)
    return this.#test(labels)
  }

  /** The one value that a label must have, for the choice of an index. */
  exactValue(key: string): string | undefined {
    const requirement = this.requirements.find((one) => one.key === key)
    return requirement && exactValueOf(requirement)
  }

  /** The text form that `parseLabelSelector` reads. */
  toString(): string {
    return this.requirements.map(formatRequirement).join(',')
  }
}

/** Reads a selector such as `app=web,tier in (a, b),!canary`; throws SelectorError. */
export function parseLabelSelector(text: string): Selector {
  if (text === '') return Selector.everything
  return Selector.ofChecked(parseRequirements(text))
}

/** The selector of an object's field: absent selects nothing, empty selects everything. */
export function selectorOf(selector: LabelSelectorSpec | undefined): Selector {
  if (selector === undefined) return Selector.nothing
  const requirements: LabelRequirement[] = []
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push({ key, operator: '=', values: [value] })
  }
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    requirements.push({ key, operator: operatorOf(operator), values: sortedSet(values) })
  }
  return Selector.of(requirements)
}

/** For people: `<none>` where nothing is asked, `<error>` where the selector is wrong. */
export function formatLabelSelector(selector: LabelSelectorSpec | undefined): string {
  try {
    return `${selectorOf(selector)}` || '<none>'
  } catch (error) {
    if (error instanceof SelectorError) return '<error>'
    throw error
  }
}

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

function operatorOf(name: string): LabelOperator {
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined
  if (operator === undefined) {
    throw new SelectorError(`${JSON.stringify(name)} is not a valid label selector operator`)
  }
  return operator
}
