import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where upstream's own data is. */
export const upstreamFolder = join(process.cwd(), '..', 'shared', 'upstream')

/** Why tests against upstream's own data are skipped, or false where the data is there. */
export const upstreamIsMissing: string | false = existsSync(upstreamFolder)
  ? false
  : 'upstream data (../shared/upstream) is not on this machine'

/** A file of upstream's data, parsed. */
export function readUpstream<T>(name: string): T {
  return JSON.parse(readFileSync(join(upstreamFolder, name), 'utf8')) as T
}
