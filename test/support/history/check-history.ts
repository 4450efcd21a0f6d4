import { checkWatches } from './check-watches.ts'
import type { Get, History, List, Write } from './records.ts'
import { type Moment, Timeline, text } from './timeline.ts'

/**
 * All that is wrong with what clients were told, one line each; empty where some order of all that
 * was done explains every answer, and that order is the one of the revisions.
 */
export function checkHistory(history: History): readonly string[] {
  const timeline = new Timeline(history)
  return [
    ...timeline.faults,
    ...checkChains(timeline),
    ...checkWrites(timeline, history.writes),
    ...checkOrder(timeline),
    ...history.gets.flatMap((get) => [...checkGet(timeline, get)]),
    ...history.lists.flatMap((list) => [...checkList(timeline, list)]),
    ...checkConnections(history),
    ...checkWatches(timeline, history.watches),
  ]
}

/** Every state follows from the one before it by the write that made it. */
function* checkChains(timeline: Timeline): Generator<string> {
  for (const key of timeline.keys) {
    let before: Moment | undefined
    for (const moment of timeline.of(key)) {
      yield* checkStep(moment, before)
      before = moment
    }
  }
}

function* checkStep(moment: Moment, before: Moment | undefined): Generator<string> {
  const { write, tag, uid } = moment
  const isThere = before?.tag !== undefined
  if (tag === undefined) {
    if (!isThere) yield `${text(moment)}: what was deleted was not there`
    if (before !== undefined && before.uid !== uid) yield `${text(moment)}: another was deleted`
    if (moment.earliest === Number.POSITIVE_INFINITY) yield `${text(moment)}: nobody deleted it`
  } else if (write === undefined) yield `${text(moment)}: nobody wrote it`
  else if (write.type === 'create' ? isThere : !isThere && write.type !== 'apply') {
    yield `${text(moment)}: a ${write.type} after ${before === undefined ? 'nothing' : text(before)}`
  } else if (isThere && before?.uid !== uid) yield `${text(moment)}: another object`
  const expected = write?.expected
  if (expected !== undefined && isThere && expected !== before?.revision) {
    yield `${text(moment)}: was to follow ${expected} and has followed ${before?.revision}`
  }
}

function* checkWrites(timeline: Timeline, writes: readonly Write[]): Generator<string> {
  const made = new Map<string, Moment[]>()
  const deleted = new Map<string, Moment>()
  for (const moment of timeline.moments) {
    if (moment.tag === undefined) deleted.set(moment.uid, moment)
    else made.set(moment.tag, [...(made.get(moment.tag) ?? []), moment])
  }
  const deleters = new Set<string>()
  for (const write of writes) {
    const { type, outcome, tag, uid } = write
    if (type === 'delete') {
      if (outcome !== 'Done') {
        yield* checkFailure(timeline, write)
        continue
      }
      if (!deleted.has(uid)) yield `${told(write)}: ${uid} is still there`
      if (deleters.has(uid)) yield `${told(write)}: ${uid} was deleted twice`
      deleters.add(uid)
      continue
    }
    const found = made.get(tag) ?? []
    if (found.length > 1) yield `${told(write)}: made ${found.length} times`
    if (outcome === 'Done') {
      if (found[0]?.revision !== write.revision) yield `${told(write)}: is not there`
    } else if (outcome !== 'Unknown') {
      if (found.length > 0) yield `${told(write)}: was made all the same`
      yield* checkFailure(timeline, write)
    }
  }
}

/** What a write was refused for must have been so at some time while it was under way. */
function* checkFailure(timeline: Timeline, write: Write): Generator<string> {
  const { outcome, key, start, end, expected, type } = write
  if (outcome === 'Refused' || outcome === 'Unknown') return
  const possible = timeline.possible(key, start, end)
  const isExplained = possible.some((moment) => {
    const isThere = moment?.tag !== undefined
    if (outcome === 'Exists') return type === 'create' && isThere
    if (outcome === 'NotFound') return !isThere && type !== 'create'
    return expected !== undefined && moment?.revision !== expected
  })
  if (isExplained) return
  const seen = possible.map((moment) => (moment === undefined ? 'nothing' : text(moment)))
  yield `${told(write)}: expected ${expected ?? 'any'}, and there was ${seen.join(', ')}`
}

/** What was done before something else was begun has the lower revision. */
function* checkOrder({ moments }: Timeline): Generator<string> {
  let latest: Moment | undefined
  for (const moment of moments) {
    const { write } = moment
    if (write === undefined) continue
    if (latest?.write !== undefined && write.outcome === 'Done' && write.end < latest.write.start) {
      yield `${text(moment)} was done before ${text(latest)} was begun`
    }
    if (latest?.write === undefined || write.start > latest.write.start) latest = moment
  }
}

function* checkGet(timeline: Timeline, get: Get): Generator<string> {
  const { key, found, isConsistent, start, end } = get
  const what = `${get.client} got ${found === undefined ? `no ${key}` : text(found)}`
  if (found !== undefined) {
    const moment = timeline.at(key, found.revision)
    if (moment?.revision !== found.revision) yield `${what}: nobody else has seen it`
    else if (moment.earliest > end) yield `${what}: from the future`
  }
  if (!isConsistent) return
  const possible = timeline.possible(key, start, end)
  const isPossible = possible.some((moment) =>
    moment?.tag === undefined ? found === undefined : moment.revision === found?.revision,
  )
  if (!isPossible) yield `${what}: stale; possible were ${possible.map((one) => one && text(one))}`
}

function* checkList(timeline: Timeline, list: List): Generator<string> {
  const { revision, items, label, isConsistent, start, exact, least } = list
  const what = `${list.client} listed revision ${revision}`
  const state = timeline.stateAt(revision, label)
  const expected = [...state.values()].map(text).toSorted().join(' ')
  const found = items.map(text).toSorted().join(' ')
  if (found !== expected) yield `${what} of ${label ?? 'all'}: ${found}; it was ${expected}`
  const known = timeline.knownAt(start)
  if (isConsistent && revision < known) yield `${what}: stale, ${known} was known`
  if (exact !== undefined && revision !== exact) yield `${what}, asked for ${exact}`
  if (least !== undefined && revision < least) yield `${what}, asked for at least ${least}`
}

/** On one connection reads of any state do not go back. */
function* checkConnections({ gets, lists }: History): Generator<string> {
  const newest = new Map<string, number>()
  const reads = [
    ...gets.map((get) => ({ ...get, what: get.key, revision: get.found?.revision })),
    ...lists
      .filter(({ exact }) => exact === undefined)
      .map((list) => ({ ...list, what: 'list', revision: list.revision })),
  ].toSorted((a, b) => a.end - b.end)
  for (const { connection, what, revision, client } of reads) {
    if (revision === undefined) continue
    const id = `${client} ${connection} ${what}`
    const before = newest.get(id) ?? 0
    if (revision < before)
      yield `${client}: ${what} at ${revision} after ${before} on ${connection}`
    newest.set(id, Math.max(before, revision))
  }
}

function told({ client, type, key, tag, outcome, revision }: Write): string {
  return `${client}: ${type} ${key} ${tag}: ${outcome}${revision === 0 ? '' : `@${revision}`}`
}
