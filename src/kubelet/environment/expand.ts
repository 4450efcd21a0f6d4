const REFERENCE = /\$(?:\$|\(([^)]*)\)|\(|[\s\S])/gu

/**
 * Replaces `$(NAME)` by what `lookup` gives, and leaves a reference that it does not know as it
 * is. `$$` is a plain `$`, so that `$$(NAME)` is never expanded.
 */
export function expandReferences(
  text: string,
  lookup: (name: string) => string | undefined,
): string {
  return text.replace(REFERENCE, (match, name: string | undefined) => {
    if (match === '$$') return '$'
    if (name === undefined) return match
    return lookup(name) ?? match
  })
}
