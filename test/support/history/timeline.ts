import { type History, sightingsOf, type Version, type Write } from './records.ts'

/** One state of a key, and what is known of how it came about. */
export interface Moment extends Version {
  /** The write that made it, where only one can have. */
  readonly write: Write | undefined
  /** It was not there before this, since nobody had asked for it. */
  readonly earliest: number
}

/**
 * What has happened to every key, in the order of the revisions: put together from all that anybody
 * has seen. What contradicts it goes to `faults`.
 */
export class Timeline {
  readonly moments: readonly Moment[]
  readonly faults: string[] = []
  readonly #byKey = new Map<string, Moment[]>()
  /** For each moment of a key: the earliest time of it or of any that comes after it. */
  readonly #soonest = new Map<string, readonly number[]>()
  readonly #known: readonly { readonly at: number; readonly revision: number }[]

  constructor(history: History) {
    const versions = new Map<number, Version>()
    for (const { version } of sightingsOf(history)) this.#note(versions, version)
    const writes = new Map(history.writes.map((write) => [write.tag, write]))
    for (const write of history.writes) {
      const { outcome, revision, key, tag, uid, type } = write
      if (outcome !== 'Done' || type === 'delete') continue
      const seen = versions.get(revision)
      const label = seen === undefined ? labelOf(tag) : seen.label
      this.#note(versions, { revision, key, tag, uid, label })
    }
    const deletions = new Map<string, Write[]>()
    for (const write of history.writes) {
      if (write.type !== 'delete') continue
      const ofKey = deletions.get(write.key)
      if (ofKey === undefined) deletions.set(write.key, [write])
      else ofKey.push(write)
    }
    this.moments = [...versions.values()]
      .toSorted((a, b) => a.revision - b.revision)
      .map((version) => momentOf(version, writes, deletions))
    for (const moment of this.moments) {
      const ofKey = this.#byKey.get(moment.key)
      if (ofKey === undefined) this.#byKey.set(moment.key, [moment])
      else ofKey.push(moment)
    }
    for (const [key, moments] of this.#byKey) this.#soonest.set(key, soonestOf(moments))
    this.#known = knownOf(history)
  }

  get keys(): readonly string[] {
    return [...this.#byKey.keys()]
  }

  of(key: string): readonly Moment[] {
    return this.#byKey.get(key) ?? []
  }

  /** The newest revision that somebody had seen when this time came. */
  knownAt(time: number): number {
    let low = 0
    let high = this.#known.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#known[middle]?.at ?? 0) < time) low = middle + 1
      else high = middle
    }
    return this.#known[low - 1]?.revision ?? 0
  }

  /** What a key was as of a revision; undefined where it had never been anything. */
  at(key: string, revision: number): Moment | undefined {
    const moments = this.of(key)
    return moments[indexAfter(moments, revision) - 1]
  }

  /** All that came after a revision, in order. */
  *after(revision: number): Generator<Moment> {
    for (let at = indexAfter(this.moments, revision); at < this.moments.length; at++) {
      const moment = this.moments[at]
      if (moment !== undefined) yield moment
    }
  }

  /** The objects that a selector finds as of a revision. */
  stateAt(revision: number, label: string | undefined): ReadonlyMap<string, Moment> {
    const state = new Map<string, Moment>()
    for (const key of this.keys) {
      const moment = this.at(key, revision)
      if (moment?.tag === undefined) continue
      if (label === undefined || moment.label === label) state.set(key, moment)
    }
    return state
  }

  /** All that a key may have been for somebody who looked between two times. */
  possible(key: string, start: number, end: number): readonly (Moment | undefined)[] {
    const moments = this.of(key)
    const from = indexAfter(moments, this.knownAt(start))
    const found = [moments[from - 1]]
    const soonest = this.#soonest.get(key) ?? []
    for (let at = from; (soonest[at] ?? Number.POSITIVE_INFINITY) < end; at++) {
      const moment = moments[at]
      if (moment !== undefined && moment.earliest < end) found.push(moment)
    }
    return found
  }

  #note(versions: Map<number, Version>, version: Version): void {
    const { revision, key, tag, uid } = version
    const known = versions.get(revision)
    if (known === undefined) versions.set(revision, version)
    else if (known.key !== key || known.tag !== tag || known.uid !== uid) {
      this.faults.push(`revision ${revision} is both ${text(known)} and ${text(version)}`)
    }
  }
}

function soonestOf(moments: readonly Moment[]): readonly number[] {
  let soonest = Number.POSITIVE_INFINITY
  return moments
    .toReversed()
    .map(({ earliest }) => {
      soonest = Math.min(soonest, earliest)
      return soonest
    })
    .toReversed()
}

/** Where those begin that are after a revision. */
function indexAfter(moments: readonly Moment[], revision: number): number {
  let low = 0
  let high = moments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((moments[middle]?.revision ?? 0) <= revision) low = middle + 1
    else high = middle
  }
  return low
}

/** The label that a write of this tag has set: its last letter. */
export function labelOf(tag: string): string {
  return tag.slice(-1)
}

export function text({ revision, key, tag }: Version): string {
  return `${key}@${revision}=${tag ?? 'deleted'}`
}

function momentOf(
  version: Version,
  byTag: ReadonlyMap<string, Write>,
  deletionsByKey: ReadonlyMap<string, readonly Write[]>,
): Moment {
  const { tag, key, uid } = version
  if (tag !== undefined) {
    const write = byTag.get(tag)
    return { ...version, write, earliest: write?.start ?? Number.NEGATIVE_INFINITY }
  }
  const deletions = deletionsByKey.get(key) ?? []
  const done = deletions.filter(({ outcome, uid: of }) => outcome === 'Done' && of === uid)
  const maybe = deletions.filter(({ outcome }) => outcome === 'Unknown')
  const earliest = Math.min(...[...done, ...maybe].map(({ start }) => start))
  return { ...version, write: done[0], earliest }
}

/** From when on which revision was known to somebody: both only ever grow. */
function knownOf(history: History): readonly { readonly at: number; readonly revision: number }[] {
  const all = [...sightingsOf(history)].map(({ version, at }) => ({
    at,
    revision: version.revision,
  }))
  for (const { outcome, revision, end } of history.writes) {
    if (outcome === 'Done') all.push({ at: end, revision })
  }
  for (const { revision, end } of history.lists) all.push({ at: end, revision })
  for (const { deliveries } of history.watches) {
    for (const one of deliveries) {
      if (one.type === 'BOOKMARK') all.push({ at: one.at, revision: one.revision })
    }
  }
  let newest = 0
  return all
    .filter(({ at }) => at !== Number.POSITIVE_INFINITY)
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, revision }) => {
      newest = Math.max(newest, revision)
      return { at, revision: newest }
    })
}
