// Keys are ordered by their UTF-8 bytes, as etcd orders them. JavaScript orders strings by UTF-16
// units, which differs past U+D7FF; an order key is a string whose units are the bytes.
const NOT_ASCII = /[\u0080-\uffff]/

/** A string that sorts with `<` as the key's UTF-8 bytes do. ASCII keys are their own. */
export function orderKeyOf(key: string): string {
  if (!NOT_ASCII.test(key)) return key
  const bytes = Buffer.from(key)
  if (bytes.toString() !== key) throw new Error(`not a well-formed key: ${JSON.stringify(key)}`)
  return bytes.toString('latin1')
}

/** Order keys from `from` to below `below`; undefined has no end. */
export interface OrderRange {
  readonly from: string
  readonly below: string | undefined
}

/** The range of all keys under a prefix, which is empty or ends in '/'. */
export function prefixRange(prefix: string, startKey?: string): OrderRange {
  if (!isPrefix(prefix)) throw new Error(`not a prefix, since it does not end in '/': ${prefix}`)
  const from = orderKeyOf(prefix)
  const below = prefix === '' ? undefined : `${from.slice(0, -1)}0` // '0' comes next after '/'.
  if (startKey === undefined) return { from, below }
  const start = orderKeyOf(startKey)
  return start < from ? { from, below } : { from: start, below }
}

/** Whether this names all keys below a path, and not one key. */
export function isPrefix(prefixOrKey: string): boolean {
  return prefixOrKey === '' || prefixOrKey.endsWith('/')
}
