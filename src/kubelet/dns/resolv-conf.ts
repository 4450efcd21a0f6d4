/** What a resolver is told. */
export interface ResolverSettings {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  /** Such as `ndots:5`. */
  readonly options: readonly string[]
}

export const NO_SETTINGS: ResolverSettings = { servers: [], searches: [], options: [] }

/** Reads resolv.conf(5): name servers accumulate, the last search line counts. */
export function parseResolvConf(text: string): ResolverSettings {
  const servers: string[] = []
  let searches: readonly string[] = []
  const options = new Map<string, string>()
  for (const line of text.split('\n')) {
    const trimmed = line.trim()
    if (trimmed.startsWith('#') || trimmed.startsWith(';')) continue
    const [keyword, ...fields] = trimmed.split(/\s+/)
    if (keyword === 'nameserver' && fields[0] !== undefined) servers.push(fields[0])
    if (keyword === 'search') {
      searches = fields.filter((field) => field !== '.').map((field) => field.replace(/\.$/, ''))
    }
    if (keyword === 'options') {
      for (const field of fields) options.set(field.split(':')[0] ?? field, field)
    }
  }
  return { servers, searches, options: [...options.values()] }
}
