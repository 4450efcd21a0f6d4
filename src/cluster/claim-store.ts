import { createHash } from 'node:crypto'
import type { KeyValue, Storage } from '../storage/storage.ts'

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
  // A store without space refuses what it would only compare, too.
  const found = (await storage.get(KEY)) ?? (await claim(storage, mark))
  if (found === undefined || Buffer.from(found.value).toString() === mark) return
  throw new Error(
    'this etcd belongs to a cluster with another certificate authority: servers of one cluster ' +
      `need the same keys, so copy the folder ${keysFolder} of its first server's data directory`,
  )
}

/** What somebody else has written meanwhile; undefined where it is claimed. */
async function claim(storage: Storage, mark: string): Promise<KeyValue | undefined> {
  const result = await storage.put(KEY, Buffer.from(mark), { expectedModRevision: 0 })
  return result.code === 'Done' ? undefined : result.current
}
