import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { FlowSchema } from '../../kinds/flowcontrol/v1/flow-schema.ts'
import { PriorityLevelConfiguration } from '../../kinds/flowcontrol/v1/priority-level-configuration.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { type FollowContext, followObjects } from '../authorization/follow-objects.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import type { UserInfo } from '../request.ts'
import type { RequestInfo } from '../request-info.ts'
import { CATCH_ALL, EXEMPT, imaginedLevel, imaginedSchema } from './bootstrap-objects.data.ts'
import { concernsUser, matchesSchema } from './flow-matching.ts'
import { FlowStatistics, type FlowStats } from './flow-stats.ts'
import { PriorityLevel, problemOf } from './priority-level.ts'
import { rebalance } from './rebalance.ts'
import { SortUtilization } from './utilization.ts'

/** Upstream's: the sum of `--max-requests-inflight` and `--max-mutating-requests-inflight`. */
const SERVER_SEATS = 600
/** How often levels lend and borrow. */
const REBALANCE_MS = 10_000

/** Where a request belongs. */
export interface Classification {
  readonly schema: FlowSchema
  readonly level: PriorityLevel
  readonly stats: FlowStats
  /** Tell clients where their requests went. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sorts requests into priority levels as FlowSchemas and PriorityLevelConfigurations say, which it
 * follows. What is mandatory is there whether it is stored or not.
 */
export class FlowControl {
  readonly statistics = new FlowStatistics()
  /** Reads and writes, of all levels. */
  readonly bySort: { readonly readOnly: SortUtilization; readonly mutating: SortUtilization }
  /** Called whenever its configuration has changed. */
  onChange: (() => void) | undefined
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #serverSeats: number
  readonly #isWatched: boolean
  readonly #schemaObjects = new Map<string, FlowSchema>()
  readonly #levelObjects = new Map<string, PriorityLevelConfiguration>()
  #levels = new Map<string, PriorityLevel>()
  #classifications: readonly Classification[] = []
  /** What concerns a user at all: users are remembered, and most schemas are about others. */
  #byUser = new WeakMap<UserInfo, readonly Classification[]>()
  #isStale = true
  #fairProportion = 0

  /** `isWatched`: it is known at any time which requests run, for `/debug`. */
  constructor(clock: Clock, logger: Logger, serverSeats = SERVER_SEATS, isWatched = false) {
    this.#isWatched = isWatched
    this.#clock = clock
    this.#logger = logger
    this.#serverSeats = serverSeats
    this.bySort = {
      readOnly: new SortUtilization(clock, 'readOnly'),
      mutating: new SortUtilization(clock, 'mutating'),
    }
  }

  /** Follows the configuration and lets levels borrow, until the signal aborts. */
  async follow(resources: ResourceTable, context: FollowContext): Promise<void> {
    await Promise.all([
      followObjects(resources.store(FlowSchema), context, this.#followerOf(this.#schemaObjects)),
      followObjects(
        resources.store(PriorityLevelConfiguration),
        context,
        this.#followerOf(this.#levelObjects),
      ),
    ])
    const { clock, signal } = context
    const turn = (): Disposable =>
      clock.after(REBALANCE_MS, () => {
        this.rebalance()
        timer = turn()
      })
    let timer = turn()
    signal.addEventListener('abort', () => timer[Symbol.dispose](), { once: true })
  }

  /** Every level, by name. */
  get levels(): ReadonlyMap<string, PriorityLevel> {
    this.#digest()
    return this.#levels
  }

  /** Of what it asks for, each level that can use it has got so much. */
  get fairProportion(): number {
    this.#digest()
    return this.#fairProportion
  }

  /** Whether the level that a schema names exists. */
  hasLevel(name: string): boolean {
    this.#digest()
    return this.#levels.get(name)?.isQuiescing === false
  }

  /** The first schema in order that a request matches. */
  classify(user: UserInfo, info: RequestInfo): Classification {
    this.#digest()
    let candidates = this.#byUser.get(user)
    if (candidates === undefined) {
      candidates = this.#classifications.filter(({ schema }) => concernsUser(schema, user))
      this.#byUser.set(user, candidates)
    }
    for (const one of candidates) if (matchesSchema(one.schema, user, info)) return one
    return this.#classifications.find(
      ({ schema }) => schema.metadata.name === CATCH_ALL,
    ) as Classification
  }

  /** Moves seats from levels that lend them to levels that want them. */
  rebalance(): void {
    this.#digest()
    this.#removeIdle()
    for (const { demand } of this.#levels.values()) demand.turn()
    this.#fairProportion = rebalance([...this.#levels.values()])
  }

  #followerOf<T extends KubeObject>(objects: Map<string, T>) {
    const change = (apply: () => void) => {
      apply()
      this.#isStale = true
      this.onChange?.()
    }
    return {
      clear: () => change(() => objects.clear()),
      set: (object: KubeObject) => change(() => objects.set(object.metadata.name, object as T)),
      delete: (object: KubeObject) => change(() => objects.delete(object.metadata.name)),
    }
  }

  #digest(): void {
    if (!this.#isStale) return
    this.#isStale = false
    this.#digestLevels()
    this.#digestSchemas()
    this.#byUser = new WeakMap()
  }

  #digestLevels(): void {
    const wanted = new Map<string, PriorityLevelConfiguration>()
    for (const [name, object] of this.#levelObjects) {
      const problem = problemOf(object)
      if (problem === undefined) wanted.set(name, object)
      else this.#logger.error('a priority level is ignored', { priorityLevel: name, problem })
    }
    for (const name of [EXEMPT, CATCH_ALL]) {
      const imagined = imaginedLevel(name)
      if (!wanted.has(name) && imagined !== undefined) wanted.set(name, imagined)
    }
    const levels = new Map<string, PriorityLevel>()
    for (const [name, configuration] of wanted) {
      const level = this.#levels.get(name) ?? new PriorityLevel(configuration, this.#clock)
      if (this.#isWatched) level.queueSet.watchRunning()
      level.configuration = configuration
      level.isQuiescing = false
      levels.set(name, level)
    }
    for (const [name, level] of this.#levels) {
      if (levels.has(name) || level.queueSet.isIdle) continue
      level.isQuiescing = true
      levels.set(name, level)
    }
    this.#levels = levels
    this.#divide()
  }

  #divide(): void {
    const levels = [...this.#levels.values()]
    const sumOfShares = levels.reduce((sum, { shares }) => sum + shares, 0)
    for (const level of levels) level.share(this.#serverSeats, sumOfShares)
    this.#fairProportion = rebalance(levels)
    const seats = levels.reduce((sum, { nominalSeats }) => sum + nominalSeats, 0)
    const queued = levels.reduce((sum, { queueCapacity }) => sum + queueCapacity, 0)
    for (const sort of Object.values(this.bySort)) {
      sort.limit(Math.max(1, seats), Math.max(1, queued))
    }
  }

  #removeIdle(): void {
    const levels = [...this.#levels.values()]
    if (levels.some(({ isQuiescing, queueSet }) => isQuiescing && queueSet.isIdle)) {
      this.#isStale = true
      this.#digest()
    }
  }

  #digestSchemas(): void {
    const usable = [...this.#schemaObjects.values()].filter(({ spec }) =>
      this.hasLevel(spec.priorityLevelConfiguration.name),
    )
    const sorted = usable.toSorted(
      (a, b) =>
        a.spec.matchingPrecedence - b.spec.matchingPrecedence ||
        (a.metadata.name < b.metadata.name ? -1 : 1),
    )
    const has = (name: string) => sorted.some(({ metadata }) => metadata.name === name)
    const exempt = has(EXEMPT) ? undefined : imaginedSchema(EXEMPT)
    const catchAll = has(CATCH_ALL) ? undefined : imaginedSchema(CATCH_ALL)
    const all = [exempt, ...sorted, catchAll].filter((one) => one !== undefined)
    this.#classifications = all.map((schema) => this.#classificationOf(schema))
  }

  #classificationOf(schema: FlowSchema): Classification {
    const level = this.#levels.get(schema.spec.priorityLevelConfiguration.name) as PriorityLevel
    return {
      schema,
      level,
      stats: this.statistics.of(schema.metadata.name, level.name),
      headers: {
        'x-kubernetes-pf-flowschema-uid': schema.metadata.uid ?? '',
        'x-kubernetes-pf-prioritylevel-uid': level.configuration.metadata.uid ?? '',
      },
    }
  }
}
