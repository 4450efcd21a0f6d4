import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { findCondition } from '../../../../machinery/conditions.ts'
import { deepEqual } from '../../../../machinery/deep-equal.ts'
import { joinErrors } from '../../../../machinery/join-errors.ts'
import { withCondition } from './conditions.ts'

type Definition = CustomResourceDefinition
type Condition = CustomResourceDefinitionCondition
type Names = CustomResourceDefinitionNames

/**
 * The definition with the names that it gets, and with what came of those that it wants. `all` are
 * all definitions; those of the same group must not share names. `now` is RFC 3339. The same where
 * nothing changes.
 */
export function planNames(definition: Definition, all: Iterable<Definition>, now: string) {
  const { spec, status } = definition
  if (deepEqual(spec.names, status.acceptedNames)) return definition
  const { acceptedNames, condition } = acceptNames(definition, all)
  const before = findCondition(status.conditions ?? [], 'NamesAccepted')
  if (deepEqual(acceptedNames, status.acceptedNames) && isEquivalent(condition, before)) {
    return definition
  }
  const named = { ...definition, status: { ...status, acceptedNames } }
  const told = withCondition(named, condition, now)
  const established = establishedAfter(definition, condition.status === 'True')
  return established === undefined ? told : withCondition(told, established, now)
}

function isEquivalent(a: Condition, b: Condition | undefined): boolean {
  return a.status === b?.status && a.reason === b.reason && a.message === b.message
}

/** What has been established stays so, whatever names it wants later. */
function establishedAfter({ status }: Definition, areAccepted: boolean): Condition | undefined {
  const type = 'Established'
  const before = findCondition(status.conditions ?? [], type)
  if (before?.status === 'True') return undefined
  if (areAccepted) {
    const message = 'the initial names have been accepted'
    return { type, status: 'False', reason: 'Installing', message }
  }
  if (before !== undefined) return undefined
  return { type, status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
}

interface Taken {
  readonly resources: ReadonlySet<string>
  readonly kinds: ReadonlySet<string>
}

function acceptNames({ spec, status }: Definition, all: Iterable<Definition>) {
  const { names: wanted } = spec
  const before = status.acceptedNames
  const taken = takenIn(spec.group, all)
  const accepted: { -readonly [K in keyof Names]: Names[K] } = { ...before }
  let refused: { readonly reason: string; readonly message: string } | undefined
  const accept = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    used: ReadonlySet<string>,
    reason: string,
  ) => {
    const message = conflictOf(wanted[field], before[field], used)
    if (message === undefined) accepted[field] = wanted[field]
    else refused = { reason, message }
  }
  accept('plural', taken.resources, 'PluralConflict')
  accept('singular', taken.resources, 'SingularConflict')
  const shortNames = shortNameConflicts(wanted, before, taken.resources)
  if (shortNames.length === 0) setOrDrop(accepted, 'shortNames', wanted.shortNames)
  else refused = { reason: 'ShortNamesConflict', message: joinErrors(shortNames) }
  accept('kind', taken.kinds, 'KindConflict')
  accept('listKind', taken.kinds, 'ListKindConflict')
  setOrDrop(accepted, 'categories', wanted.categories)
  return { acceptedNames: accepted as Names, condition: conditionOf(refused) }
}

function conditionOf(
  refused: { readonly reason: string; readonly message: string } | undefined,
): Condition {
  const type = 'NamesAccepted'
  if (refused !== undefined) return { type, status: 'False', ...refused }
  return { type, status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
}

function takenIn(group: string, all: Iterable<Definition>): Taken {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { spec, status } of all) {
    if (spec.group !== group) continue
    const { plural, singular, shortNames = [], kind, listKind } = status.acceptedNames
    for (const name of [plural, singular, ...shortNames]) resources.add(name)
    kinds.add(kind).add(listKind)
  }
  return { resources, kinds }
}

function conflictOf(wanted: string, own: string, used: ReadonlySet<string>): string | undefined {
  if (wanted === own || !used.has(wanted)) return undefined
  return `${JSON.stringify(wanted)} is already in use`
}

function shortNameConflicts(
  { shortNames: wanted = [] }: Names,
  { shortNames: own = [] }: Names,
  used: ReadonlySet<string>,
): readonly string[] {
  return wanted
    .filter((name) => !own.includes(name))
    .flatMap((name) => conflictOf(name, '', used) ?? [])
}

function setOrDrop(
  names: { shortNames?: readonly string[] | undefined; categories?: readonly string[] | undefined },
  field: 'shortNames' | 'categories',
  value: readonly string[] | undefined,
): void {
  if (value === undefined) delete names[field]
  else names[field] = value
}
