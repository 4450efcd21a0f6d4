import type { Clock } from '../../base/clock.ts'
import { CodecError, type DecodedDocument } from './json.ts'
import { decodeYaml } from './yaml.ts'
import { documentOf, type YamlAnswer, type YamlQuestion } from './yaml-message.ts'

/** A thread that answers each question it is sent, in turn. */
export interface YamlThread {
  ask(question: YamlQuestion): void
  /** Ends it at once, whatever it does. */
  end(): void
}

/** What a thread tells whoever started it. */
export interface YamlThreadEvents {
  onAnswer(answer: YamlAnswer): void
  /** It has ended by itself: a CodecError where the text is to blame, as one beyond its memory. */
  onFailure(error: Error): void
}

export type StartYamlThread = (events: YamlThreadEvents) => YamlThread

/** A shorter text is read where it arrives: the worst takes 20 ms, most take 2. */
const SHORT_TEXT = 16 * 1024
/** The worst of 3 MB takes 4 s on a thread of its own; a busy machine may need longer. */
const MOST_MS = 30_000
/** A thread without questions holds memory for nobody. */
const IDLE_MS = 60_000

interface Waiting {
  readonly question: YamlQuestion
  readonly signal: AbortSignal
  resolve(document: DecodedDocument): void
  reject(error: unknown): void
}

/**
 * Reads YAML without stopping everybody else: what is long is read by another thread, one text at a
 * time, and given up after a while. The thread is there only while it has something to do.
 */
export class LongYaml implements Disposable {
  readonly #start: StartYamlThread
  readonly #clock: Clock
  readonly #waiting: Waiting[] = []
  #thread: YamlThread | undefined
  #current: Waiting | undefined
  #timer: Disposable | undefined

  constructor(start: StartYamlThread, clock: Clock) {
    this.#start = start
    this.#clock = clock
  }

  /** As `decodeYaml`. Rejects with the signal's reason if that aborts before its turn. */
  async decode(question: YamlQuestion, signal: AbortSignal): Promise<DecodedDocument> {
    if (question.text.length <= SHORT_TEXT) return decodeYaml(question.text, question)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, signal, resolve, reject })
      if (this.#current === undefined) this.#next()
    })
  }

  [Symbol.dispose](): void {
    this.#fail(new Error('the server ends'))
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the server ends'))
    this.#endThread()
  }

  #next(): void {
    this.#timer?.[Symbol.dispose]()
    const next = this.#waiting.shift()
    this.#current = next
    if (next === undefined) {
      this.#timer = this.#clock.after(IDLE_MS, () => this.#endThread())
      return
    }
    if (next.signal.aborted) {
      this.#fail(next.signal.reason)
      this.#next()
      return
    }
    this.#timer = this.#clock.after(MOST_MS, () => {
      this.#lose(new CodecError(`yaml: reading the document takes more than ${MOST_MS / 1000} s`))
    })
    this.#thread ??= this.#startThread()
    this.#thread.ask(next.question)
  }

  #startThread(): YamlThread {
    const thread: YamlThread = this.#start({
      onAnswer: (answer) => {
        if (this.#thread === thread) this.#answered(answer)
      },
      onFailure: (error) => {
        if (this.#thread === thread) this.#lose(error)
      },
    })
    return thread
  }

  #answered(answer: YamlAnswer): void {
    const current = this.#current
    this.#current = undefined
    try {
      current?.resolve(documentOf(answer))
    } catch (error) {
      current?.reject(error)
    }
    this.#next()
  }

  /** The document is given up with its thread; the next one gets a new thread. */
  #lose(error: Error): void {
    this.#endThread()
    this.#fail(error)
    this.#next()
  }

  #fail(error: unknown): void {
    this.#current?.reject(error)
    this.#current = undefined
  }

  #endThread(): void {
    this.#timer?.[Symbol.dispose]()
    this.#thread?.end()
    this.#thread = undefined
  }
}
