import type { ServerRequest } from '../request.ts'

/**
 * What a request tells beyond names and groups, by the keys in its headers behind the prefixes (in
 * lower case). A key is percent-encoded, since names of headers have no case and few characters.
 */
export function extraOfHeaders(
  request: ServerRequest,
  prefixes: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const extra = new Map<string, readonly string[]>()
  for (const prefix of prefixes) {
    for (const header in request.headers) {
      if (!header.startsWith(prefix)) continue
      const key = decodeKey(header.slice(prefix.length))
      extra.set(key, [...(extra.get(key) ?? []), ...request.headerValues(header)])
    }
  }
  return Object.fromEntries(extra)
}

function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
