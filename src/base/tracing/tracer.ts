import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../clock.ts'
import { type Random, randomInt } from '../random.ts'
import { type Anchor, type Attributes, type EndedSpan, Span, type SpanKind } from './span.ts'
import type { SpanContext } from './span-context.ts'

export interface TracerOptions {
  /** Of a million traces that begin here, so many are recorded. */
  readonly samplingRatePerMillion: number
  readonly clock: Clock
  readonly random: Random
  /** Told of each recorded span at its end. */
  readonly onEnded: (span: EndedSpan) => void
}

export interface StartOptions {
  readonly kind?: SpanKind
  readonly attributes?: Attributes
  /** Another process's span, on whose behalf this is; it decides about sampling, too. */
  readonly parent?: SpanContext | undefined
  /** Spans that are told of, but are nobody's parent. */
  readonly links?: readonly SpanContext[]
}

const MILLION = 1_000_000
const BITS_32 = 2 ** 32
/** Of a trace's id the last 63 bits decide, as in other implementations: all decide alike. */
const TRACE_ID_RANGE = 2 ** 63

/**
 * Makes spans, and knows which of them the work is part of that goes on now. Whoever may trace has
 * one as an argument, and asks for nothing where it is absent.
 */
export class Tracer {
  readonly #options: TracerOptions
  readonly #active = new AsyncLocalStorage<Span>()

  constructor(options: TracerOptions) {
    this.#options = options
  }

  /** The span that `run` was called with, wherever that has led to, until it ends. */
  get active(): Span | undefined {
    const span = this.#active.getStore()
    return span?.isEnded === true ? undefined : span
  }

  /** Whatever `work` does, now and later, is part of the span. */
  run<T>(span: Span, work: () => T): T {
    return this.#active.run(span, work)
  }

  /** The same for work of which `span` is the whole. Its failure is that of the span. */
  async during<T>(span: Span, work: () => Promise<T>): Promise<T> {
    try {
      return await this.run(span, work)
    } catch (error) {
      span.fail(error instanceof Error ? error.message : String(error))
      throw error
    } finally {
      span.end()
    }
  }

  /** Begins a span: a part of the active one, unless it is told what it is part of. */
  start(name: string, { kind = 'INTERNAL', attributes = {} }: StartOptions = {}): Span {
    const { active } = this
    return active === undefined
      ? this.startTrace(name, { kind, attributes })
      : active.start(name, attributes, kind)
  }

  /** Begins a trace, or a part of another process's. */
  startTrace(name: string, options: StartOptions = {}): Span {
    const { parent, kind = 'INTERNAL', attributes = {}, links = [] } = options
    const { clock } = this.#options
    const traceId = parent?.traceId ?? this.#newId(4)
    const isSampled = parent?.isSampled ?? this.#isChosen(traceId)
    const traceState = parent?.traceState
    const context = { traceId, spanId: this.#newId(2), isSampled, traceState }
    const anchor = { wallMs: clock.now(), monotonicMs: clock.monotonic() }
    const about = { context, parentSpanId: parent?.spanId, name, kind, links }
    return this.#make(about, anchor, attributes)
  }

  #startChild(name: string, parent: Span, attributes: Attributes, kind: SpanKind): Span {
    const { context, anchor } = parent
    // Of what is not recorded nobody needs the parts.
    if (!context.isSampled) return parent
    const child = { ...context, spanId: this.#newId(2) }
    const about = { context: child, parentSpanId: context.spanId, name, kind, links: [] }
    return this.#make(about, anchor, attributes)
  }

  #make(
    about: Pick<EndedSpan, 'context' | 'parentSpanId' | 'name' | 'kind' | 'links'>,
    anchor: Anchor,
    attributes: Attributes,
  ): Span {
    const { clock, onEnded } = this.#options
    return new Span(
      {
        ...about,
        ...{ anchor, clock, onEnded },
        start: (name, parent, given, kind) => this.#startChild(name, parent, given, kind),
      },
      attributes,
    )
  }

  #isChosen(traceId: string): boolean {
    const { samplingRatePerMillion: rate } = this.#options
    if (rate <= 0) return false
    if (rate >= MILLION) return true
    const value = Number(BigInt(`0x${traceId.slice(16)}`) >> 1n)
    return value < (rate / MILLION) * TRACE_ID_RANGE
  }

  /** Of so many words of 32 bits, in hexadecimal, not all 0. */
  #newId(words: number): string {
    const { random } = this.#options
    let id = ''
    for (let word = 0; word < words; word++) {
      id += randomInt(random, BITS_32).toString(16).padStart(8, '0')
    }
    return /^0+$/.test(id) ? this.#newId(words) : id
  }
}
