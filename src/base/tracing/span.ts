import type { Clock } from '../clock.ts'
import type { SpanContext } from './span-context.ts'

export type Attributes = Readonly<Record<string, string | number | boolean>>

/** Which side of a call a span is, where it is one. */
export type SpanKind = 'INTERNAL' | 'SERVER' | 'CLIENT'

export interface SpanEvent {
  readonly name: string
  readonly timeMs: number
  readonly attributes: Attributes
}

/** A span as it is sent away, once it has ended. Times are milliseconds since the epoch. */
export interface EndedSpan {
  readonly context: SpanContext
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: SpanKind
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanContext[]
  /** What went wrong, if the span failed. */
  readonly error: string | undefined
}

/** A moment by both clocks: all times of a trace are told by how long after it they were. */
export interface Anchor {
  readonly wallMs: number
  readonly monotonicMs: number
}

export interface SpanParts {
  readonly context: SpanContext
  readonly parentSpanId?: string | undefined
  readonly name: string
  readonly kind: SpanKind
  readonly links: readonly SpanContext[]
  readonly anchor: Anchor
  readonly clock: Clock
  /** Makes a span whose parent is this one. */
  readonly start: (name: string, parent: Span, attributes: Attributes, kind: SpanKind) => Span
  readonly onEnded: (span: EndedSpan) => void
}

/** As upstream's exporters: what is more than this is not told. */
const MOST_EVENTS = 128

/** Something that takes its time for a request. One that is not sampled records nothing. */
export class Span {
  readonly #parts: SpanParts
  readonly #events: SpanEvent[] = []
  readonly #startMs: number
  #attributes: Attributes
  #error: string | undefined
  #isEnded = false

  constructor(parts: SpanParts, attributes: Attributes) {
    this.#parts = parts
    this.#attributes = attributes
    this.#startMs = this.#now()
  }

  get context(): SpanContext {
    return this.#parts.context
  }

  get anchor(): Anchor {
    return this.#parts.anchor
  }

  get isRecording(): boolean {
    return this.context.isSampled && !this.#isEnded
  }

  /** What goes on after its end is no part of it, though it may have begun there. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Begins a part of this one. */
  start(name: string, attributes: Attributes = {}, kind: SpanKind = 'INTERNAL'): Span {
    return this.#parts.start(name, this, attributes, kind)
  }

  addEvent(name: string, attributes: Attributes = {}): void {
    if (!this.isRecording || this.#events.length >= MOST_EVENTS) return
    this.#events.push({ name, timeMs: this.#now(), attributes })
  }

  attributeOf(name: string): Attributes[string] | undefined {
    return this.#attributes[name]
  }

  setAttributes(attributes: Attributes): void {
    if (this.isRecording) this.#attributes = { ...this.#attributes, ...attributes }
  }

  fail(error: string): void {
    if (this.isRecording) this.#error = error
  }

  /** The first time counts. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    if (!this.context.isSampled) return
    const { context, parentSpanId, name, kind, links, onEnded } = this.#parts
    onEnded({
      ...{ context, parentSpanId, name, kind, links },
      ...{ startMs: this.#startMs, endMs: this.#now() },
      ...{ attributes: this.#attributes, events: this.#events, error: this.#error },
    })
  }

  #now(): number {
    const { clock, anchor } = this.#parts
    return anchor.wallMs + clock.monotonic() - anchor.monotonicMs
  }
}
