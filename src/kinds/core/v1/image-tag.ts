const DOMAIN_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const REFERENCE = new RegExp(
  `^(?:${DOMAIN}/)?${PATH_PART}(?:/${PATH_PART})*` +
    '(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?' +
    '(?<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$',
)

/**
 * The tag of an image's name: `latest` when neither a tag nor a digest is given, empty when only a
 * digest is given or the name cannot be read.
 */
export function imageTagOf(image: string): string {
  const groups = REFERENCE.exec(image)?.groups
  if (groups === undefined) return ''
  const { tag, digest } = groups
  return tag ?? (digest === undefined ? 'latest' : '')
}

/** How an image is pulled when nobody says: a moving tag each time, others once. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return imageTagOf(image) === 'latest' ? 'Always' : 'IfNotPresent'
}
