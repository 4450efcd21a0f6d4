/** One state of one key, as somebody has seen it. */
export interface Version {
  readonly revision: number
  readonly key: string
  /** Of the write that made it: every write has one of its own. Undefined: the key was deleted. */
  readonly tag: string | undefined
  /** Of the object; of a deletion, of the object that was deleted. */
  readonly uid: string
  /** The value of the label that selectors ask for. */
  readonly label: string | undefined
}

interface Operation {
  readonly client: string
  /** When it was begun and when its answer was there, by one clock for all. */
  readonly start: number
  readonly end: number
}

/**
 * What a writer was told. `Refused` is not made for another reason than the state of its key;
 * `Unknown` is made or not.
 */
export type WriteOutcome = 'Done' | 'Conflict' | 'Exists' | 'NotFound' | 'Refused' | 'Unknown'

export interface Write extends Operation {
  readonly type: 'create' | 'update' | 'patch' | 'apply' | 'delete'
  readonly key: string
  readonly tag: string
  /** The version that it is for; undefined where any is good. */
  readonly expected: number | undefined
  readonly outcome: WriteOutcome
  /** Of what a write that was acknowledged has made; 0 for deletions, which are not told it. */
  readonly revision: number
  readonly uid: string
}

export interface Read extends Operation {
  /** Things read on one connection to one start of a server. */
  readonly connection: string
  /** It asked for the newest state, and not for any. */
  readonly isConsistent: boolean
}

export interface Get extends Read {
  readonly key: string
  /** Undefined: not found. */
  readonly found: Version | undefined
}

export interface List extends Read {
  readonly label: string | undefined
  readonly items: readonly Version[]
  readonly revision: number
  /** The revision has to be exactly this, or at least. */
  readonly exact: number | undefined
  readonly least: number | undefined
}

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** What a watch has told, and when. */
export type Delivery =
  | { readonly type: EventType; readonly version: Version; readonly at: number }
  | {
      readonly type: 'BOOKMARK'
      readonly revision: number
      /** All of the state that the watch begins with has come. */
      readonly endsInitial: boolean
      readonly at: number
    }

/** One watch from its request to its end. */
export interface WatchSession extends Operation {
  readonly label: string | undefined
  /** What it continues; undefined where it begins with the present state and a mark behind it. */
  readonly after: number | undefined
  /** The present state is the newest as of its beginning, and not any. */
  readonly isConsistent: boolean
  readonly deliveries: readonly Delivery[]
  /** Whether it ended for want of history. */
  readonly isExpired: boolean
}

/** All that clients were told in one run. */
export class History {
  readonly writes: Write[] = []
  readonly gets: Get[] = []
  readonly lists: List[] = []
  readonly watches: WatchSession[] = []
  /** What an own way to the store has shown, where there is one. */
  readonly witnessed: Version[] = []
}

/** Everybody who has seen a version, with when it was known. */
export function* sightingsOf(
  history: History,
): Generator<{ readonly version: Version; readonly at: number }> {
  const { witnessed, gets, lists, watches } = history
  for (const version of witnessed) yield { version, at: Number.POSITIVE_INFINITY }
  for (const { found, end } of gets) if (found) yield { version: found, at: end }
  for (const { items, end } of lists) for (const version of items) yield { version, at: end }
  for (const { deliveries, label } of watches) {
    for (const delivery of deliveries) {
      if (delivery.type === 'BOOKMARK') continue
      // What leaves a selection is told as deleted, and is not.
      if (delivery.type === 'DELETED' && label !== undefined) continue
      yield { version: delivery.version, at: delivery.at }
    }
  }
}
