import assert from 'node:assert/strict'
import { type Random, randomInt, seededRandom } from '../../src/base/random.ts'
import type { KeyValue, Storage } from '../../src/storage/storage.ts'
import { type Recorder, recordWatch } from './storage-recorder.ts'

/** One committed write, as its writer was told. */
interface Commit {
  readonly revision: number
  readonly key: string
  /** Undefined for a deletion. */
  readonly text: string | undefined
  readonly expected: number | undefined
}

interface ModelEntry {
  readonly text: string
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
}

const CLIENTS = 8
const STEPS = 40
const KEYS = ['/m/a', '/m/b', '/m/b/c', '/m/bc', '/n/a', '/n/__proto__', '/m/d']

/**
 * Lets clients write, watch and compact at random and at the same time; then replays the
 * acknowledged writes in the order of their revisions through a plain map, and demands that every
 * answer, every state that can still be read, and every watch agrees with it.
 */
export async function checkAgainstModel(storage: Storage, seed: number): Promise<void> {
  const start = storage.revision()
  const commits: Commit[] = []
  const conflicts: { expected: number; current: KeyValue | undefined; key: string }[] = []
  const recorders: Recorder[] = [recordWatch(storage, '', start)]
  const client = async (number: number) => {
    const random = seededRandom(seed * 1000 + number)
    for (let step = 0; step < STEPS; step++) {
      await act(storage, random, `${number}.${step}`, commits, conflicts, recorders)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  const end = storage.revision()
  await Promise.all(
    recorders.map(({ watch, errors }) => errors.length > 0 || watch.reached(end).catch(() => {})),
  )
  commits.sort((a, b) => a.revision - b.revision)
  assert.deepEqual(
    commits.map(({ revision }) => revision),
    Array.from({ length: end - start }, (_, i) => start + 1 + i),
    'every revision has one writer',
  )
  const states = replay(commits, start)
  for (const { key, expected, current } of conflicts) {
    assert.notEqual(current?.modRevision ?? 0, expected)
    if (current !== undefined) assertEntry(current, states.get(current.modRevision)?.get(key))
  }
  await checkStates(storage, states)
  for (const recorder of recorders) checkWatch(recorder, commits, end)
}

async function act(
  storage: Storage,
  random: Random,
  text: string,
  commits: Commit[],
  conflicts: { expected: number; current: KeyValue | undefined; key: string }[],
  recorders: Recorder[],
): Promise<void> {
  const key = KEYS[randomInt(random, KEYS.length)] as string
  const dice = randomInt(random, 20)
  if (dice === 0) {
    const from = storage.compactedRevision()
    const revision = from + randomInt(random, storage.revision() - from + 1)
    await storage.compact(revision).catch((error) => assert.match(String(error), /Compacted/))
    return
  }
  if (dice === 1) {
    const from = Math.max(1, storage.compactedRevision())
    const after = from + randomInt(random, storage.revision() - from + 1)
    recorders.push(recordWatch(storage, ['', '/m/', '/m/b/', key][after % 4] as string, after))
    return
  }
  const isGuarded = random.next() < 0.7
  const expected = isGuarded ? ((await storage.get(key))?.modRevision ?? 0) : undefined
  const isDeletion = dice < 6
  const result = isDeletion
    ? await storage.delete(key, { expectedModRevision: expected })
    : await storage.put(key, Buffer.from(text), { expectedModRevision: expected })
  if (result.code === 'Conflict') {
    conflicts.push({ expected: expected as number, current: result.current, key })
  } else if (result.code === 'Done') {
    const revision = 'revision' in result ? result.revision : result.keyValue.modRevision
    commits.push({ revision, key, text: isDeletion ? undefined : text, expected })
  }
}

type State = ReadonlyMap<string, ModelEntry>

function replay(commits: readonly Commit[], start: number): Map<number, State> {
  const states = new Map<number, State>([[start, new Map()]])
  let state: State = new Map()
  for (const { revision, key, text, expected } of commits) {
    const current = state.get(key)
    if (expected !== undefined) assert.equal(current?.modRevision ?? 0, expected, 'swap was right')
    const next = new Map(state)
    if (text === undefined) {
      assert.ok(current !== undefined, 'what was deleted existed')
      next.delete(key)
    } else {
      const createRevision = current?.createRevision ?? revision
      const version = (current?.version ?? 0) + 1
      next.set(key, { text, createRevision, modRevision: revision, version })
    }
    states.set(revision, next)
    state = next
  }
  return states
}

async function checkStates(storage: Storage, states: ReadonlyMap<number, State>): Promise<void> {
  for (const [revision, state] of states) {
    if (revision < storage.compactedRevision()) continue
    const { items, count } = await storage.list('', { revision })
    assert.deepEqual(
      items.map(({ key }) => key),
      [...state.keys()].toSorted(),
      `keys at revision ${revision}`,
    )
    assert.equal(count, state.size)
    for (const item of items) assertEntry(item, state.get(item.key))
  }
}

function assertEntry({ key, value, ...found }: KeyValue, entry: ModelEntry | undefined): void {
  assert.deepEqual({ text: Buffer.from(value).toString(), ...found }, entry, key)
}

function checkWatch(recorder: Recorder, commits: readonly Commit[], end: number): void {
  const { watch, prefixOrKey, after, events, errors } = recorder
  const isEnded = errors.length > 0
  if (isEnded) assert.match(String(errors[0]), /Compacted/)
  else assert.equal(watch.revision, end)
  const isPrefix = prefixOrKey === '' || prefixOrKey.endsWith('/')
  const expected = commits
    .filter(({ revision }) => revision > after && revision <= (isEnded ? watch.revision : end))
    .filter(({ key }) => (isPrefix ? key.startsWith(prefixOrKey) : key === prefixOrKey))
  assert.deepEqual(
    events.map(({ modRevision, key, type, value }) => {
      const text = type === 'DELETE' ? undefined : Buffer.from(value).toString()
      return { revision: modRevision, key, text }
    }),
    expected.map(({ revision, key, text }) => ({ revision, key, text })),
  )
}
