import { createHash } from 'node:crypto'
import type { Storage } from '../storage/storage.ts'

/** Beside upstream's keys, which all begin with `/registry/`. */
const KEY = '/wherry/authority'

/**
 * Marks a shared store as that of a cluster, by its certificate authority. A server with keys of
 * its own is refused: its tokens, certificates and Secrets would mean nothing to the others.
 */
export async function claimStore(
  storage: Storage,
  authority: string,
  keysFolder: string,
): Promise<void> {
  const mark = createHash('sha256').update(authority.trim()).digest('hex')
  const result = await storage.put(KEY, Buffer.from(mark), { expectedModRevision: 0 })
  if (result.code === 'Done') return
  const found = Buffer.from(result.current?.value ?? '').toString()
  if (found === mark) return
  throw new Error(
    'this etcd belongs to a cluster with another certificate authority: servers of one cluster ' +
      `need the same keys, so copy the folder ${keysFolder} of its first server's data directory`,
  )
}
