import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomInt, seededRandom } from '../../src/base/random.ts'
import type { Storage } from '../../src/storage/storage.ts'
import {
  openStore,
  type Report,
  readCheckedValue,
  runCrashWriter,
} from '../support/storage-crash-writer.ts'
import { runDiskFullWriter } from '../support/storage-disk-full-writer.ts'
import { recordWatch } from '../support/storage-recorder.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const ROUNDS = 100
const { WHERRY_CRASH_DIRECTORY: directory, WHERRY_CRASH_SEED: seed } = process.env

if (directory === undefined) {
  test(`kill -9 under load, ${ROUNDS} rounds: nothing acknowledged is lost`, killLoop)
  test('a full disk fails writes and harms nothing; with room they go on', diskFull)
} else if (seed === 'full') {
  await runDiskFullWriter(directory)
} else {
  await runCrashWriter(directory, Number(seed))
}

interface Writer {
  readonly child: ChildProcess
  readonly reports: Report[]
  readonly isReady: Promise<unknown>
}

/** This very file again, as a writer. It loads at once, and opens the store when told to. */
function startWriter(path: string, seed: string, limitBlocks?: number): Writer {
  const program = [process.execPath, process.argv[1] as string]
  const limited = ['sh', '-c', `ulimit -S -f ${limitBlocks}; exec "$@"`, 'sh', ...program]
  const [command, ...args] = (limitBlocks === undefined ? program : limited) as [string]
  const child = spawn(command, args, {
    env: { ...process.env, WHERRY_CRASH_DIRECTORY: path, WHERRY_CRASH_SEED: seed },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const reports: Report[] = []
  let rest = ''
  child.stdin?.on('error', () => {})
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) reports.push(JSON.parse(line) as Report)
  })
  return { child, reports, isReady: once(child.stdout as NodeJS.EventEmitter, 'data') }
}

/** What must be true of the store for ever, from all that writers were told so far. */
interface Known {
  revision: number
  compactedRevision: number
  /** The sequence that each key held at a revision that was acknowledged; 0: deleted. */
  readonly writes: Map<number, { readonly key: string; readonly sequence: number }>
}

async function killLoop(): Promise<void> {
  using folder = temporaryDirectory()
  const random = seededRandom(20260101)
  const known: Known = { revision: 1, compactedRevision: 0, writes: new Map() }
  let acknowledged = 0
  let next = startWriter(folder.path, '0')
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const { child, reports, isReady } = next
      await isReady
      child.stdin?.write('go\n')
      if (round % 5 !== 0) await until(() => reports.length > 1) // Every fifth dies as it opens.
      await sleep(randomInt(random, 40))
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      next = startWriter(folder.path, String(round))
      await closed
      acknowledged += reports.length - 1
      note(known, reports)
      const storage = await openStore(folder.path)
      try {
        await check(storage, known)
      } finally {
        await storage.close()
      }
    }
  } finally {
    const closed = once(next.child, 'close')
    next.child.kill('SIGKILL')
    await closed
  }
  assert.ok(acknowledged > 20 * ROUNDS, `only ${acknowledged} writes: that is no load`)
}

function note(known: Known, reports: readonly Report[]): void {
  for (const [what, revision, key, sequence] of reports) {
    if (typeof revision !== 'number') continue
    if (what === 'compacted') {
      known.compactedRevision = Math.max(known.compactedRevision, revision)
    } else {
      known.revision = Math.max(known.revision, revision)
      known.writes.set(revision, { key: key as string, sequence: sequence ?? 0 })
    }
  }
}

async function check(storage: Storage, known: Known): Promise<void> {
  const compacted = storage.compactedRevision()
  const revision = storage.revision()
  assert.ok(revision >= known.revision, `revision ${revision} is before ${known.revision}`)
  assert.ok(compacted >= known.compactedRevision, 'a compaction was forgotten')
  known.revision = revision
  known.compactedRevision = compacted

  const sequences = new Map<string, number>()
  for (const { key, value } of (await storage.list('', { revision: compacted })).items) {
    sequences.set(key, readCheckedValue(key, value))
  }
  const history = recordWatch(storage, '', Math.max(1, compacted))
  await history.watch.reached(revision)
  let last = Math.max(1, compacted)
  for (const { type, key, value, modRevision } of history.events) {
    assert.equal(modRevision, ++last, 'the history has no gap')
    const sequence = type === 'DELETE' ? 0 : readCheckedValue(key, value)
    const before = sequences.get(key) ?? 0
    assert.equal(sequence, type === 'DELETE' ? 0 : before + 1, `the chain of ${key} is unbroken`)
    const acknowledged = known.writes.get(modRevision)
    if (acknowledged !== undefined) assert.deepEqual({ key, sequence }, acknowledged)
    known.writes.set(modRevision, { key, sequence }) // What was once visible has to stay.
    sequences.set(key, sequence)
  }
  assert.equal(last, revision)
  const { items } = await storage.list('')
  const expected = [...sequences].filter(([, sequence]) => sequence > 0).toSorted()
  const found = items.map(({ key, value }) => [key, readCheckedValue(key, value)])
  assert.deepEqual(found.toSorted(), expected)
}

async function diskFull(): Promise<void> {
  using folder = temporaryDirectory()
  const { child, reports, isReady } = startWriter(folder.path, 'full', 8192)
  const closed = once(child, 'close')
  try {
    await isReady
    child.stdin?.write('go\n')
    await until(() => reports.some(([what]) => what === 'failed'))
    const failure = reports.find(([what]) => what === 'failed')
    assert.match(
      String(failure?.[1]),
      /^writing to the store: (Input\/output error|File too large)/,
    )
    const { status } = spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
    assert.equal(status, 0)
    const before = reports.length
    child.stdin?.write('go\n')
    await until(() => reports.length > before + 50)
  } finally {
    child.kill('SIGKILL')
    await closed
  }
  const known: Known = { revision: 1, compactedRevision: 0, writes: new Map() }
  note(known, reports)
  assert.ok(known.writes.size > 100)
  const storage = await openStore(folder.path)
  await check(storage, known)
  await storage.close()
}

async function until(isDone: () => boolean): Promise<void> {
  const end = performance.now() + 20_000
  while (!isDone()) {
    assert.ok(performance.now() < end, 'nothing happened within 20 s')
    await sleep(2)
  }
}
