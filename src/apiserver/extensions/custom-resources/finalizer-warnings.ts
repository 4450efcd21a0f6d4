import { qualifiedNameErrors } from '../../../machinery/names.ts'

const STANDARD = ['orphan', 'foregroundDeletion', 'kubernetes']

/** What a writer of new finalizers is warned of. */
export function* finalizerWarnings(
  finalizers: readonly string[] = [],
  before: readonly string[] = [],
): Iterable<string> {
  const added = new Set(finalizers.filter((finalizer) => !before.includes(finalizer)))
  for (const finalizer of [...added].sort()) {
    const at = `metadata.finalizers: ${JSON.stringify(finalizer)}:`
    for (const reason of qualifiedNameErrors(finalizer)) yield `${at} ${reason}`
    if (finalizer.includes('/') || STANDARD.includes(finalizer)) continue
    const why = 'to avoid accidental conflicts with other finalizer writers'
    const path = finalizer.includes('.') ? ' including a path (/)' : ''
    yield `${at} prefer a domain-qualified finalizer name${path} ${why}`
  }
}
