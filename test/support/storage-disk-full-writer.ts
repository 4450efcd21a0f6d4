import { formatError } from '../../src/base/logger.ts'
import { checkedValue, openStore, report } from './storage-crash-writer.ts'

/**
 * Writes until a write fails, says so, waits until it is told that there is room, and writes on:
 * what failed must not be there, so every key's chain goes on from what was acknowledged.
 */
export async function runDiskFullWriter(directory: string): Promise<void> {
  process.on('SIGXFSZ', () => {}) // A file at its limit shall be an error, not an end.
  report(['ready'])
  const input = process.stdin[Symbol.asyncIterator]()
  await input.next()
  const storage = await openStore(directory)
  const sequences = new Map<string, number>()
  for (let i = 0; ; i++) {
    const key = `/full/${i % 20}`
    const sequence = (sequences.get(key) ?? 0) + 1
    const { modRevision: expectedModRevision } = (await storage.get(key)) ?? { modRevision: 0 }
    try {
      const value = checkedValue(key, sequence, 8000)
      const result = await storage.put(key, value, { expectedModRevision })
      if (result.code !== 'Done') throw new Error('a write that failed has left something')
      report(['wrote', result.keyValue.modRevision, key, sequence])
      sequences.set(key, sequence)
    } catch (error) {
      report(['failed', formatError(error)])
      await input.next()
    }
  }
}
