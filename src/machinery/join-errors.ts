/** Several errors as one text, each said once: in brackets where there are more (as upstream). */
export function joinErrors(errors: readonly string[]): string {
  const distinct = [...new Set(errors)]
  const [only = ''] = distinct
  return distinct.length === 1 ? only : `[${distinct.join(', ')}]`
}
