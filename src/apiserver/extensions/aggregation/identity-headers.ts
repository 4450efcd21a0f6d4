import type { UserInfo } from '../../request.ts'

type HeaderValues = Readonly<Record<string, string | readonly string[]>>

/** What RFC 9110 allows in the name of a header (a token). */
const TOKEN = /[A-Za-z0-9!#$&'*+\-.^_`|~]/

/**
 * The headers by which a front proxy says who its caller is: `X-Remote-User`, one
 * `X-Remote-Group` for each group, `X-Remote-Uid` and `X-Remote-Extra-KEY`.
 */
export function identityHeaders({ name, uid, groups, extra = {} }: UserInfo): HeaderValues {
  const headers: Record<string, string | readonly string[]> = { 'X-Remote-User': onWire(name) }
  if (uid !== undefined && uid !== '') headers['X-Remote-Uid'] = onWire(uid)
  if (groups.length > 0) headers['X-Remote-Group'] = groups.map(onWire)
  for (const [key, values] of Object.entries(extra)) {
    if (values.length > 0) headers[`X-Remote-Extra-${escapeKey(key)}`] = values.map(onWire)
  }
  return headers
}

/** Node writes one byte for each character of a header: these are the bytes of UTF-8. */
function onWire(value: string): string {
  return Buffer.from(value).toString('latin1')
}

/** A key as part of a header's name: what may not stand there is percent-encoded, `%` too. */
function escapeKey(key: string): string {
  let escaped = ''
  for (const byte of Buffer.from(key)) {
    const character = String.fromCharCode(byte)
    escaped += TOKEN.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}
