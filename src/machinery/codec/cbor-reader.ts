import { isUtf8 } from 'node:buffer'
import { type Token, Tokenizer } from 'cborg'
import { cborTimeOf } from './cbor-time.ts'
import { CodecError, MOST_DEPTH } from './json.ts'

const INDEFINITE_BYTES = 0x5f
const INDEFINITE_TEXT = 0x7f
const BREAK = 0xff
const LARGEST_INT64 = 2n ** 63n - 1n
const SMALLEST_INT64 = -(2n ** 63n)
const OPTIONS = { allowBigInt: true, retainStringBytes: true }

/** The tags that say in which text bytes are to be shown (RFC 8949, section 3.4.5.2). */
const TEXT_OF_BYTES: Readonly<Record<number, BufferEncoding>> = {
  21: 'base64url',
  22: 'base64',
  23: 'hex',
}
const BIGNUM_TAGS = [2, 3]

/** What messages call the types of data, as Go's library does. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  uint: 'positive integer',
  negint: 'negative integer',
  bytes: 'byte string',
  string: 'UTF-8 text string',
  array: 'array',
  map: 'map',
  tag: 'tag',
}

/** The same by the number with which an item of the type begins. */
const MAJOR_TYPES = Object.values(TYPE_NAMES)

/** The name of a type of data; what is none of the others is a primitive. */
export function cborTypeName(type: string): string {
  return TYPE_NAMES[type] ?? 'primitives'
}

/**
 * Reads one data item by upstream's rules into what JSON could hold. What no object could be read
 * from is a CodecError at once; what only some field cannot hold is kept as the `fault`, so that
 * the rest can say what object it is.
 */
export class CborReader {
  readonly #bytes: Uint8Array
  #tokens: Tokenizer
  /** Where the tokens begin. */
  #start = 0
  #depth = 0
  /** The first fault that leaves the item itself whole. */
  fault: string | undefined
  /** The type of the outermost item, without its tags. */
  type = ''

  constructor(bytes: Uint8Array) {
    // Not a Buffer: the library takes slices, and Buffer's would share the memory of the pool.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#tokens = new Tokenizer(this.#bytes, OPTIONS)
  }

  read(): unknown {
    if (this.#bytes.length === 0) throw new CodecError('EOF')
    const value = this.#value(undefined)
    const rest = this.#bytes.length - this.#at()
    if (rest === 0) return value
    const where = `${rest} bytes of extraneous data starting at index ${this.#at()}`
    throw new CodecError(`cbor: ${where}`)
  }

  #at(): number {
    return this.#start + this.#tokens.pos()
  }

  #skipByte(): void {
    this.#start = this.#at() + 1
    this.#tokens = new Tokenizer(this.#bytes.subarray(this.#start), OPTIONS)
  }

  #next(): Token {
    if (this.#tokens.done()) throw new CodecError('unexpected EOF')
    try {
      return this.#tokens.next()
    } catch (error) {
      const why = (error as Error).message.replace(/^CBOR decode error: /, '')
      const isShort = why.includes('not enough data') || why.includes('unexpected end')
      throw new CodecError(isShort ? 'unexpected EOF' : `cbor: ${why}`)
    }
  }

  /** An item, with its bytes in a text by the tag around it. */
  #value(encoding: BufferEncoding | undefined): unknown {
    const head = this.#bytes[this.#at()]
    if (head === INDEFINITE_BYTES || head === INDEFINITE_TEXT) return this.#pieces(head, encoding)
    const token = this.#next()
    if (token.type.name !== 'tag') this.type ||= token.type.name
    switch (token.type.name) {
      case 'uint':
      case 'negint':
        return this.#integer(token.type.name, token.value as number | bigint)
      case 'bytes':
        return textOf(token.value as Uint8Array, encoding)
      case 'string':
        return this.#text(token)
      case 'float':
        return finite(token.value as number)
      case 'undefined':
        return this.#refuse(`${NOT_ACCEPTED_PRIMITIVE}: simple value 23 is not recognized`)
      case 'break':
        throw new CodecError('cbor: unexpected "break" code')
      case 'array':
        return this.#nested(() => this.#array(token.value as number, encoding))
      case 'map':
        return this.#nested(() => this.#map(token.value as number, encoding))
      case 'tag':
        return this.#nested(() => this.#tagged(token.value as number))
      default:
        return token.value
    }
  }

  #refuse(why: string): null {
    this.fault ??= `cbor: ${why}`
    return null
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MOST_DEPTH) {
      throw new CodecError(`cbor: exceeded max nested level ${MOST_DEPTH}`)
    }
    const value = read()
    this.#depth--
    return value
  }

  #integer(type: string, value: number | bigint): unknown {
    if (typeof value === 'number') return value
    if (value >= SMALLEST_INT64 && value <= LARGEST_INT64) return value
    const what = `cannot unmarshal ${cborTypeName(type)} into Go value of type int64`
    return this.#refuse(`${what} (${value} overflows Go's int64)`)
  }

  /** The library has read the text, but replaced what is no UTF-8. */
  #text({ value, byteValue = EMPTY }: Token): string | null {
    return isUtf8(byteValue) ? (value as string) : this.#refuse('invalid UTF-8 string')
  }

  /** A string in pieces, which all must be of its type and have their lengths. */
  #pieces(head: number, encoding: BufferEncoding | undefined): unknown {
    const type = head === INDEFINITE_BYTES ? 'bytes' : 'string'
    this.type ||= type
    this.#skipByte()
    const pieces: Uint8Array[] = []
    while (this.#bytes[this.#at()] !== BREAK) {
      const next = this.#bytes[this.#at()]
      const token = next === head ? undefined : this.#next()
      if (token?.type.name !== type) {
        const found = cborTypeName(token?.type.name ?? type)
        const wanted = `indefinite-length ${cborTypeName(type)}`
        throw new CodecError(`cbor: wrong element type ${found} for ${wanted}`)
      }
      pieces.push(type === 'bytes' ? (token.value as Uint8Array) : (token.byteValue ?? EMPTY))
    }
    this.#next()
    if (type === 'bytes') return textOf(Buffer.concat(pieces), encoding)
    return pieces.every((piece) => isUtf8(piece))
      ? Buffer.concat(pieces).toString()
      : this.#refuse('invalid UTF-8 string')
  }

  /** Whether a list of so many (Infinity: up to a break) ends before this item. */
  #hasEnded(index: number, count: number): boolean {
    if (count !== Number.POSITIVE_INFINITY) return index >= count
    if (this.#bytes[this.#at()] !== BREAK) return false
    this.#next()
    return true
  }

  #array(count: number, encoding: BufferEncoding | undefined): unknown[] {
    const items: unknown[] = []
    while (!this.#hasEnded(items.length, count)) items.push(this.#value(encoding))
    return items
  }

  #map(count: number, encoding: BufferEncoding | undefined): Record<string, unknown> {
    const isOutermost = this.type === 'map' && !this.#isInMap
    this.#isInMap = true
    const fields: Record<string, unknown> = {}
    for (let index = 0; !this.#hasEnded(index, count); index++) {
      const keyType = this.#nextType()
      const key = this.#value(encoding)
      const value = this.#value(encoding)
      if (typeof key !== 'string') {
        this.#refuse(`cannot unmarshal ${keyType} into Go value of type string`)
        continue
      }
      if (Object.hasOwn(fields, key)) {
        const why = `found duplicate map key ${JSON.stringify(key)} at map element index ${index}`
        if (isOutermost) throw new CodecError(`cbor: ${why}`)
        this.#refuse(why)
      }
      setOwn(fields, key, value)
    }
    return fields
  }

  /** Whether a map is being read or has been: only the first holds the names of the object. */
  #isInMap = false

  #nextType(): string {
    const major = (this.#bytes[this.#at()] ?? 0) >> 5
    return MAJOR_TYPES[major] ?? 'primitives'
  }

  #tagged(tag: number): unknown {
    if (BIGNUM_TAGS.includes(tag)) {
      throw new CodecError('cbor: data item of cbor type tag is not accepted by protocol: bignum')
    }
    if (tag > 1) return this.#value(TEXT_OF_BYTES[tag])
    const type = this.#nextType()
    const value = this.#value(undefined)
    const { text, why } = cborTimeOf(tag, type, value)
    return text ?? this.#refuse(why)
  }
}

const EMPTY = new Uint8Array()
const NOT_ACCEPTED_PRIMITIVE = 'data item of cbor type primitives is not accepted by protocol'

/** Bytes that are no UTF-8 are replaced where the text is read, as they are in JSON. */
function textOf(bytes: Uint8Array, encoding: BufferEncoding = 'utf8'): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding)
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  const what = Number.isNaN(value) ? 'floating-point NaN' : 'floating-point infinity'
  throw new CodecError(`cbor: ${NOT_ACCEPTED_PRIMITIVE}: ${what}`)
}

/** Keys such as `__proto__` are ordinary keys. */
function setOwn(fields: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') {
    fields[key] = value
    return
  }
  Object.defineProperty(fields, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
