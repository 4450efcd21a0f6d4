import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { randomInt, seededRandom } from '../../src/base/random.ts'
import { LmdbStorage } from '../../src/storage/lmdb/lmdb-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'

/** What a crash test's child said on its standard output, one JSON array a line. */
export type Report =
  | readonly ['ready']
  | readonly ['wrote', revision: number, key: string, sequence: number]
  | readonly ['deleted', revision: number, key: string]
  | readonly ['compacted', revision: number]
  | readonly ['failed', message: string]

/** A value that tells its key and place in the key's chain, and shows whether a byte is wrong. */
export interface CheckedValue {
  readonly key: string
  readonly sequence: number
  readonly filler: string
  readonly digest: string
}

export function checkedValue(key: string, sequence: number, fillerLength: number): Uint8Array {
  const filler = `${sequence}.`.repeat(fillerLength / 4)
  const digest = digestOf(key, sequence, filler)
  return Buffer.from(JSON.stringify({ key, sequence, filler, digest } satisfies CheckedValue))
}

/** Throws if the value is not what `checkedValue` made for this key. */
export function readCheckedValue(key: string, value: Uint8Array): number {
  const found = JSON.parse(Buffer.from(value).toString()) as CheckedValue
  const isWhole = found.digest === digestOf(found.key, found.sequence, found.filler)
  if (!isWhole || found.key !== key) throw new Error(`the value of ${key} is torn`)
  return found.sequence
}

function digestOf(key: string, sequence: number, filler: string): string {
  return createHash('sha1').update(`${key}\n${sequence}\n${filler}`).digest('hex')
}

export function openStore(directory: string): Promise<LmdbStorage> {
  const processId = process.pid
  return LmdbStorage.open({
    directory,
    processId,
    files: systemFileSystem,
    clock: systemClock,
    logger: silentLogger,
  })
}

/** In one system call, so that a line is there or not whenever the process is killed. */
export function report(line: Report): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

/** Writes until it is killed, from the moment it is told to on its standard input. */
export async function runCrashWriter(directory: string, seed: number): Promise<void> {
  report(['ready'])
  await new Promise((resolve) => process.stdin.once('data', resolve))
  const storage = await openStore(directory)
  for (let client = 0; client < 24; client++) runClient(storage, seed * 100 + client)
}

/** Every write is a compare-and-swap on what was read, so each key's writes form one chain. */
async function runClient(storage: Storage, seed: number): Promise<never> {
  const random = seededRandom(seed)
  for (let turn = 0; ; turn++) {
    const key = `/crash/${randomInt(random, 40)}`
    const current = await storage.get(key)
    const expectedModRevision = current?.modRevision ?? 0
    if (current !== undefined && random.next() < 0.1) {
      const result = await storage.delete(key, { expectedModRevision })
      if (result.code === 'Done') report(['deleted', result.revision, key])
      continue
    }
    const sequence = current === undefined ? 1 : readCheckedValue(key, current.value) + 1
    const value = checkedValue(key, sequence, randomInt(random, 4000))
    const result = await storage.put(key, value, { expectedModRevision })
    if (result.code === 'Done') report(['wrote', result.keyValue.modRevision, key, sequence])
    if (turn % 20 === 19) {
      const revision = Math.max(storage.compactedRevision(), storage.revision() - 200)
      await storage.compact(revision).catch(() => {})
      if (storage.compactedRevision() >= revision) report(['compacted', revision])
    }
  }
}
