import { setImmediate } from 'node:timers/promises'
import { JsonSyntaxError, parseJson, setOwn } from './json.ts'

/** So much text is read before others may go on: a few milliseconds of work. */
const SLICE_LENGTH = 64 * 1024
/** What is shorter is read in one piece by JSON.parse, which is faster than any other. */
const PIECE_LENGTH = 16 * 1024

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** A long text of JSON that has been read. */
export interface SlicedJson {
  readonly value: unknown
  /** Whether a key may stand twice in an object: what is there more than once is there once now. */
  readonly mayHaveDuplicates: boolean
}

/** A list or object that is not closed yet. */
interface Container {
  readonly isArray: boolean
  /** Of its opening bracket. */
  readonly start: number
  /** What of it has been read so far; undefined as long as it may be read in one piece. */
  value: unknown[] | Record<string, unknown> | undefined
  /** Members from here on have not been read. */
  unread: number
  /** Where its last member begins, which is not complete. */
  member: number
  /** A member that was too long for one piece was the last: nothing may follow it but a comma. */
  endsWithLarge: boolean
}

/**
 * Reads a long text of JSON with pauses in which others go on: what is in it piece by piece, and
 * only lists and objects that are longer than a piece by hand.
 *
 *     { "small": 1, "other": [2], "large": { ........... }, "last": 3 }
 *       └─────── a piece ──────┘           └─┘ └─┘ pieces    └piece ┘
 *
 * Undefined where it is no JSON or deeper than `mostDepth`: who reads it whole learns why.
 */
export async function parseJsonInSlices(
  text: string,
  mostDepth: number,
): Promise<SlicedJson | undefined> {
  const reader = new SliceReader(text, mostDepth)
  try {
    while (!reader.isDone) {
      reader.readSlice()
      await setImmediate()
    }
    return reader.result()
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined
    throw error
  }
}

class SliceReader {
  readonly #text: string
  readonly #mostDepth: number
  readonly #open: Container[] = []
  #at = 0
  #colons = 0
  #keys = 0
  /** Of the whole text, once its outermost list or object has been closed. */
  #value: unknown
  #hasValue = false

  constructor(text: string, mostDepth: number) {
    this.#text = text
    this.#mostDepth = mostDepth
  }

  get isDone(): boolean {
    return this.#at >= this.#text.length
  }

  result(): SlicedJson {
    if (this.#open.length > 0) throw new JsonSyntaxError('unexpected end of JSON input')
    // A scalar, or nothing, or a list or object that is not long.
    if (!this.#hasValue) this.#value = this.#piece(this.#text)
    return { value: this.#value, mayHaveDuplicates: this.#colons !== this.#keys }
  }

  readSlice(): void {
    const text = this.#text
    const end = Math.min(text.length, this.#at + SLICE_LENGTH)
    while (this.#at < end) {
      switch (text.charCodeAt(this.#at)) {
        case QUOTE:
          this.#skipString()
          continue
        case COLON:
          this.#colons++
          break
        case COMMA:
          this.#comma()
          break
        case OPEN_BRACE:
          this.#begin(false)
          break
        case OPEN_BRACKET:
          this.#begin(true)
          break
        case CLOSE_BRACE:
          this.#close(false)
          break
        case CLOSE_BRACKET:
          this.#close(true)
          break
      }
      this.#at++
    }
  }

  #skipString(): void {
    const text = this.#text
    let at = this.#at + 1
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) break
      if (code === BACKSLASH) at++
    }
    this.#at = at + 1
  }

  #begin(isArray: boolean): void {
    const start = this.#at
    if (this.#open.length === this.#mostDepth || this.#hasValue) throw new JsonSyntaxError('')
    const unread = start + 1
    const endsWithLarge = false
    this.#open.push({ isArray, start, value: undefined, unread, member: unread, endsWithLarge })
  }

  #comma(): void {
    const container = this.#open.at(-1)
    if (container === undefined) throw new JsonSyntaxError('')
    if (container.endsWithLarge) this.#passComma(container)
    else if (this.#at - container.unread >= PIECE_LENGTH) {
      this.#read(container, this.#at)
      container.unread = this.#at + 1
    }
    container.member = this.#at + 1
  }

  #passComma(container: Container): void {
    if (!isSpace(this.#text.slice(container.unread, this.#at))) throw new JsonSyntaxError('')
    container.endsWithLarge = false
    container.unread = this.#at + 1
  }

  #close(isArray: boolean): void {
    const container = this.#open.pop()
    if (container === undefined || container.isArray !== isArray) throw new JsonSyntaxError('')
    const parent = this.#open.at(-1)
    const { value, start, endsWithLarge } = container
    const isSmall = value === undefined && this.#at - start < PIECE_LENGTH
    if (isSmall && parent !== undefined) return
    if (endsWithLarge) {
      if (!isSpace(this.#text.slice(container.unread, this.#at))) throw new JsonSyntaxError('')
    } else if (value === undefined) this.#readWhole(container)
    else this.#read(container, this.#at)
    if (parent !== undefined) this.#add(parent, container)
    else this.#finish(container)
  }

  /** Nothing but space may stand around the outermost list or object. */
  #finish({ start, value }: Container): void {
    const text = this.#text
    if (!isSpace(text.slice(0, start)) || !isSpace(text.slice(this.#at + 1))) {
      throw new JsonSyntaxError('')
    }
    this.#value = value
    this.#hasValue = true
    this.#at = text.length
  }

  #readWhole(container: Container): void {
    container.value = this.#piece(
      this.#text.slice(container.start, this.#at + 1),
    ) as Container['value']
  }

  /** Reads the members up to a place where one of them ends. */
  #read(container: Container, end: number): void {
    const members = this.#text.slice(container.unread, end)
    if (container.isArray) {
      container.value ??= []
      const items = this.#piece(`[${members}]`) as unknown[]
      if (items.length === 0) throw new JsonSyntaxError('')
      for (const item of items) (container.value as unknown[]).push(item)
      return
    }
    container.value ??= {}
    const fields = this.#piece(`{${members}}`) as Record<string, unknown>
    const names = Object.keys(fields)
    if (names.length === 0) throw new JsonSyntaxError('')
    for (const name of names) this.#set(container.value, name, fields[name])
  }

  /** Adds a member that was too long for a piece, after those that stand before it. */
  #add(parent: Container, { start, value }: Container): void {
    if (parent.endsWithLarge) throw new JsonSyntaxError('')
    if (parent.member > parent.unread) this.#read(parent, parent.member - 1)
    const before = this.#text.slice(parent.member, start)
    if (parent.isArray) {
      if (!isSpace(before)) throw new JsonSyntaxError('')
      parent.value ??= []
      ;(parent.value as unknown[]).push(value)
    } else {
      const colon = before.lastIndexOf(':')
      if (colon === -1 || !isSpace(before.slice(colon + 1))) throw new JsonSyntaxError('')
      const key = parseJson(before.slice(0, colon))
      if (typeof key !== 'string') throw new JsonSyntaxError('')
      parent.value ??= {}
      this.#keys++
      this.#set(parent.value, key, value)
    }
    parent.unread = this.#at + 1
    parent.endsWithLarge = true
  }

  #set(object: Container['value'], name: string, value: unknown): void {
    if (Object.hasOwn(object as object, name)) this.#keys--
    setOwn(object as Record<string, unknown>, name, value)
  }

  #piece(text: string): unknown {
    const value = parseJson(text)
    this.#keys += countKeys(value)
    return value
  }
}

function isSpace(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text)
}

/** How many keys the objects of a value have, at all depths. */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let keys = 0
  if (Array.isArray(value)) {
    for (const item of value) keys += countKeys(item)
    return keys
  }
  const fields = value as Readonly<Record<string, unknown>>
  const names = Object.keys(fields)
  for (const name of names) keys += countKeys(fields[name])
  return keys + names.length
}
