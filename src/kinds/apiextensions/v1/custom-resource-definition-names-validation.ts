import { type FieldErrors, type FieldPath, invalid } from '../../../machinery/field-error.ts'
import { dns1035LabelErrors } from '../../../machinery/names.ts'

interface Names {
  readonly plural?: string
  readonly singular?: string
  readonly kind?: string
  readonly listKind?: string
  readonly shortNames?: readonly string[] | undefined
  readonly categories?: readonly string[] | undefined
}

/** Names of a kind are labels that begin with a letter; kinds may have capital letters. */
export function* validateDefinitionNames(names: Names, path: FieldPath): FieldErrors {
  for (const field of ['plural', 'singular'] as const) {
    yield* validateLabel(names[field] ?? '', path.child(field))
  }
  for (const field of ['kind', 'listKind'] as const) {
    const { [field]: kind = '' } = names
    const reasons = kind === '' ? [] : dns1035LabelErrors(kind.toLowerCase())
    if (reasons.length === 0) continue
    const why = `may have mixed case, but should otherwise match: ${reasons.join(',')}`
    yield invalid(path.child(field), kind, why)
  }
  for (const [index, name] of (names.shortNames ?? []).entries()) {
    yield* validateEntry(name, path.child('shortNames').index(index))
  }
  if (names.kind && names.kind === names.listKind) {
    yield invalid(path.child('listKind'), names.listKind, 'kind and listKind may not be the same')
  }
  for (const [index, name] of (names.categories ?? []).entries()) {
    yield* validateEntry(name, path.child('categories').index(index))
  }
}

function* validateLabel(name: string, path: FieldPath): FieldErrors {
  if (name !== '') yield* validateEntry(name, path)
}

function* validateEntry(name: string, path: FieldPath): FieldErrors {
  const reasons = dns1035LabelErrors(name)
  if (reasons.length > 0) yield invalid(path, name, reasons.join(','))
}
