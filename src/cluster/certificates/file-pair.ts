import { createSecureContext } from 'node:tls'
import type { FileSystem } from '../../base/file-system.ts'
import { readFiles } from '../poll-file.ts'

/** PEM texts that belong together. */
interface Pair {
  readonly certificate: string
  readonly key: string
}

/**
 * A certificate and its key in two files, for a client that connects seldom: they are read whenever
 * they are asked for, so that new ones are used at once. What cannot be read, or half of a pair
 * that is just being exchanged, leaves the last that was whole. Rejects where the first is not.
 */
export async function filePair(
  certificatePath: string,
  keyPath: string,
  files: FileSystem,
): Promise<() => Promise<Pair>> {
  const read = async (last?: Pair): Promise<Pair> => {
    const [certificate = '', key = ''] = await readFiles([certificatePath, keyPath], files)
    if (certificate === last?.certificate && key === last.key) return last
    createSecureContext({ cert: certificate, key })
    return { certificate, key }
  }
  let pair = await read()
  return async () => {
    pair = await read(pair).catch(() => pair)
    return pair
  }
}
