const PROXIED = /^https?:\/\/[^/?#]*/i

/** Path and query of what stands in a request's first line; proxies get the whole URL there. */
export function pathOfTarget(target: string): string {
  if (target.startsWith('/') || !PROXIED.test(target)) return target
  const path = target.replace(PROXIED, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** Whether a path has a `%` that begins no escape: Go's servers do not take it for a URL at all. */
export function isMalformedPath(url: string): boolean {
  if (!url.includes('%')) return false
  const mark = url.indexOf('?')
  return /%(?![0-9a-fA-F]{2})/.test(mark < 0 ? url : url.slice(0, mark))
}
