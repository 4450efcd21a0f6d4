import { posix } from 'node:path'
import type { Place } from '../storage/store-part.ts'

/** Below which keys stand, and what a server notes beside them. */
export const REGISTRY = '/registry/'
const MARKS = '/wherry/'

/**
 * Where the keys of a cluster stand that has this `--etcd-prefix`. As upstream: a prefix is a path,
 * however it is written. What compaction goes by is common to all clusters of an etcd.
 */
export function clusterPlaces(prefix: string = REGISTRY): readonly Place[] {
  const path = posix.join('/', prefix, '/')
  const marks = path === REGISTRY ? MARKS : `${MARKS.slice(0, -1)}${path}`
  return [
    { here: REGISTRY, below: path },
    { here: MARKS, below: marks, isShallow: true },
  ]
}
