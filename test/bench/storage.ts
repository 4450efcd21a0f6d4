import { systemClock } from '../../src/base/clock.ts'
import { systemFileSystem } from '../../src/base/file-system.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { LmdbStorage } from '../../src/storage/lmdb/lmdb-storage.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const VALUE_BYTES = 1500
const WRITERS = 128
const LISTED = 3000

/** Measures each engine of the store, and says what it does per second and how long it stalls. */
export async function benchStorage(print: (line: string) => void): Promise<void> {
  using directory = temporaryDirectory()
  const open = () =>
    LmdbStorage.open({
      directory: directory.path,
      processId: process.pid,
      files: systemFileSystem,
      clock: systemClock,
      logger: silentLogger,
    })
  const engines: [string, () => Promise<Storage>][] = [
    ['lmdb', open],
    ['memory', async () => MemoryStorage.create({ clock: systemClock, logger: silentLogger })],
  ]
  for (const [engine, openEngine] of engines) {
    const storage = await openEngine()
    const say = (line: string) => print(`storage ${engine.padEnd(6)} ${line}`)
    await benchEngine(storage, say)
    await storage.close()
  }
  const started = performance.now()
  const storage = await open()
  const ms = (performance.now() - started).toFixed(0)
  const count = await storage.count('')
  print(`storage lmdb   open with ${count} keys, ${storage.revision()} revisions: ${ms} ms`)
  await storage.close()
}

async function benchEngine(storage: Storage, say: (line: string) => void): Promise<void> {
  let delivered = 0
  const countEvents = { onEvents: (e: readonly unknown[]) => (delivered += e.length) }
  using _ = storage.watch('/', storage.revision(), { ...countEvents, onError: () => {} })
  say(`put, 1 writer:        ${perSecond(await putFor(storage, 1, 1000))}`)
  const stall = watchLoop()
  say(`put, ${WRITERS} writers:     ${perSecond(await putFor(storage, WRITERS, 3000))}`)
  say(`  events delivered: ${delivered}, longest stall of the event loop: ${stall()} ms`)

  const keys = Array.from({ length: LISTED }, (_, i) => `/list/${i}`)
  await Promise.all(keys.map((key) => storage.put(key, benchValue(key))))
  say(`get:                  ${perSecond(await getFor(storage, keys, 1000))}`)
  const lists: number[] = []
  for (let i = 0; i < 30; i++) {
    const started = performance.now()
    await storage.list('/list/')
    lists.push(performance.now() - started)
  }
  const middle = lists.toSorted((a, b) => a - b)[15] as number
  say(`list of ${LISTED} x ${VALUE_BYTES} bytes: ${middle.toFixed(1)} ms (median of 30)`)

  const compactStall = watchLoop()
  const revisions = storage.revision()
  await storage.compact(revisions)
  const rate = await putFor(storage, WRITERS, 1500)
  const stalled = compactStall()
  say(`put while ${revisions} revisions are compacted: ${perSecond(rate)}, stall ${stalled} ms`)
}

async function putFor(storage: Storage, writers: number, ms: number): Promise<number> {
  const started = performance.now()
  let done = 0
  const run = async (writer: number) => {
    for (let i = 0; performance.now() - started < ms; i++) {
      const key = `/bench/${writer}/${i % 50}`
      await storage.put(key, benchValue(key))
      done++
      // The memory engine never waits: others have to get their turn.
      if (i % 16 === 15) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => run(writer)))
  return done / ((performance.now() - started) / 1000)
}

async function getFor(storage: Storage, keys: readonly string[], ms: number): Promise<number> {
  const started = performance.now()
  let done = 0
  while (performance.now() - started < ms) {
    for (const key of keys) await storage.get(key)
    done += keys.length
  }
  return done / ((performance.now() - started) / 1000)
}

function benchValue(key: string): Uint8Array {
  return Buffer.alloc(VALUE_BYTES, key)
}

function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString('en')}/s`
}

/** Returns a function that ends the watch and gives the longest turn seen, in milliseconds. */
function watchLoop(): () => string {
  let longest = 0
  let last = performance.now()
  let isRunning = true
  const tick = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (isRunning) setImmediate(tick)
  }
  setImmediate(tick)
  return () => {
    isRunning = false
    return longest.toFixed(1)
  }
}
