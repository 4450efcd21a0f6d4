/** Something that is no DER, or not the DER that was expected. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** One value of ASN.1's distinguished encoding: `tag length content`. */
export interface DerValue {
  /** The first byte: class, constructed bit and number. */
  readonly tag: number
  readonly content: Uint8Array
  /** Tag and length included. */
  readonly raw: Uint8Array
}

export const DER = {
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** A context-specific tag, such as `[0]` of a constructed value. */
export function contextTag(number: number, isConstructed: boolean): number {
  return 0x80 | (isConstructed ? 0x20 : 0) | number
}

/** The only value that the bytes hold. Throws `DerError` where there is more or less. */
export function readDer(bytes: Uint8Array): DerValue {
  const value = readAt(bytes, 0)
  if (value.raw.length !== bytes.length) throw new DerError('trailing data')
  return value
}

/** The values within a sequence, a set or the like. */
export function derChildren({ content }: DerValue): readonly DerValue[] {
  const children: DerValue[] = []
  for (let position = 0; position < content.length; ) {
    const child = readAt(content, position)
    children.push(child)
    position += child.raw.length
  }
  return children
}

/** Throws unless there is such a value. */
export function expectDer(value: DerValue | undefined, tag: number): DerValue {
  if (value === undefined) throw new DerError('a value is missing')
  if (value.tag !== tag) throw new DerError(`tag ${value.tag} where ${tag} was expected`)
  return value
}

/** An object identifier with dots: `2.5.4.3`. */
export function derOid(value: DerValue | undefined): string {
  const { content } = expectDer(value, DER.objectIdentifier)
  const numbers: number[] = []
  let number = 0
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f)
    if ((byte & 0x80) !== 0) continue
    if (numbers.length === 0) numbers.push(Math.min(Math.floor(number / 40), 2))
    else {
      numbers.push(number)
      number = 0
      continue
    }
    numbers.push(number - (numbers[0] ?? 0) * 40)
    number = 0
  }
  return numbers.join('.')
}

/** The text of a string of any of the usual sorts. */
export function derText({ tag, content }: DerValue): string {
  const bytes = Buffer.from(content)
  switch (tag) {
    case DER.utf8String:
      return bytes.toString('utf8')
    case DER.printableString:
    case DER.teletexString:
    case DER.ia5String:
      return bytes.toString('latin1')
    case DER.bmpString:
      return bytes.swap16().toString('utf16le')
    default:
      throw new DerError(`tag ${tag} is no string`)
  }
}

const MAX_LENGTH_BYTES = 4

function readAt(bytes: Uint8Array, start: number): DerValue {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined) throw new DerError('unexpected end')
  if ((tag & 0x1f) === 0x1f) throw new DerError('long tags are not used')
  let length = first
  let position = start + 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > MAX_LENGTH_BYTES) throw new DerError('a length that is none')
    length = 0
    for (const byte of bytes.subarray(position, position + count)) length = length * 256 + byte
    position += count
  }
  const end = position + length
  if (end > bytes.length) throw new DerError('unexpected end')
  return { tag, content: bytes.subarray(position, end), raw: bytes.subarray(start, end) }
}
