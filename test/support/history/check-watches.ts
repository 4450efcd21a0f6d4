import type { Delivery, EventType, WatchSession } from './records.ts'
import { type Moment, type Timeline, text } from './timeline.ts'

/** Every watch tells all that happened to what it selects, once, in order and with its type. */
export function checkWatches(
  timeline: Timeline,
  watches: readonly WatchSession[],
): readonly string[] {
  return watches.flatMap((watch) => [...checkWatch(timeline, watch)])
}

function* checkWatch(timeline: Timeline, watch: WatchSession): Generator<string> {
  const what = `${watch.client}, a watch of ${watch.label ?? 'all'} after ${watch.after ?? 'now'}`
  let { after } = watch
  let deliveries = watch.deliveries
  if (after === undefined) {
    const marked = deliveries.findIndex((one) => one.type === 'BOOKMARK' && one.endsInitial)
    // It broke off before it was complete.
    if (marked === -1) return
    const mark = deliveries[marked]
    after = mark?.type === 'BOOKMARK' ? mark.revision : 0
    yield* checkInitial(timeline, watch, deliveries.slice(0, marked), after, what)
    deliveries = deliveries.slice(marked + 1)
  }
  yield* checkFollowing(timeline, watch, deliveries, after, what)
}

/** What comes before the mark makes up the state of the mark's revision. */
function* checkInitial(
  timeline: Timeline,
  { label, isConsistent, start }: WatchSession,
  deliveries: readonly Delivery[],
  revision: number,
  what: string,
): Generator<string> {
  const state = new Map<string, string>()
  for (const delivery of deliveries) {
    if (delivery.type === 'BOOKMARK') continue
    if (delivery.type === 'DELETED') state.delete(delivery.version.key)
    else state.set(delivery.version.key, text(delivery.version))
  }
  const expected = [...timeline.stateAt(revision, label).values()].map(text).toSorted().join(' ')
  const found = [...state.values()].toSorted().join(' ')
  if (found !== expected) yield `${what}: began at ${revision} with ${found}; it was ${expected}`
  const known = timeline.knownAt(start)
  if (isConsistent && revision < known) yield `${what}: began at ${revision}, ${known} was known`
}

function* checkFollowing(
  timeline: Timeline,
  { label }: WatchSession,
  deliveries: readonly Delivery[],
  after: number,
  what: string,
): Generator<string> {
  const expected = expectedEvents(timeline, after, label)
  const next = () => {
    const { done, value } = expected.next()
    return done === true ? undefined : value
  }
  let wanted = next()
  let position = after
  for (const delivery of deliveries) {
    if (delivery.type === 'BOOKMARK') {
      if (delivery.revision < position)
        yield `${what}: bookmark ${delivery.revision} after ${position}`
      position = Math.max(position, delivery.revision)
      if (wanted !== undefined && wanted.revision <= delivery.revision) {
        yield `${what}: bookmark ${delivery.revision} before ${wanted.text}`
        return
      }
      continue
    }
    const { type, version } = delivery
    const told = `${type} ${text(version)}`
    if (told !== wanted?.text) {
      yield `${what}: ${told} at ${position}, and not ${wanted?.text ?? 'nothing'}`
      return
    }
    position = version.revision
    wanted = next()
  }
}

interface ExpectedEvent {
  readonly revision: number
  readonly text: string
}

/** Made one by one: most watches end long before all that followed. */
function* expectedEvents(
  timeline: Timeline,
  after: number,
  label: string | undefined,
): Generator<ExpectedEvent> {
  const before = new Map<string, Moment>(timeline.stateAt(after, undefined))
  const matches = (moment: Moment | undefined) =>
    moment?.tag !== undefined && (label === undefined || moment.label === label)
  for (const moment of timeline.after(after)) {
    const did = matches(before.get(moment.key))
    const does = matches(moment)
    before.set(moment.key, moment)
    if (!did && !does) continue
    const type: EventType = does ? (did ? 'MODIFIED' : 'ADDED') : 'DELETED'
    const shown = does ? moment : { ...moment, tag: undefined }
    yield { revision: moment.revision, text: `${type} ${text(shown)}` }
  }
}
