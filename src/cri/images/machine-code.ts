/** One instruction: its bytes, or how to make them once the labels' places are known. */
export interface Instruction {
  readonly sizeBytes: number
  /** `here` and `labels` are offsets from the start of the program. */
  readonly encode: (here: number, labels: ReadonlyMap<string, number>) => readonly number[]
}

/** A program: instructions, with strings as the labels of what follows them. */
export type Program = readonly (Instruction | string)[]

export const raw = (...bytes: readonly number[]): Instruction => ({
  sizeBytes: bytes.length,
  encode: () => bytes,
})

/** `value` in little-endian order. */
export function littleEndian(value: number, sizeBytes: number): number[] {
  return Array.from({ length: sizeBytes }, (_, index) =>
    Number((BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * index)) & 0xffn),
  )
}

/** How far a label is from `here`, in bytes. */
export function distance(label: string, here: number, labels: ReadonlyMap<string, number>): number {
  const there = labels.get(label)
  if (there === undefined) throw new Error(`no label ${label}`)
  return there - here
}

export function assemble(program: Program): Uint8Array {
  const labels = new Map<string, number>()
  let place = 0
  for (const item of program) {
    if (typeof item === 'string') labels.set(item, place)
    else place += item.sizeBytes
  }
  const bytes: number[] = []
  for (const item of program) {
    if (typeof item !== 'string') bytes.push(...item.encode(bytes.length, labels))
  }
  return Uint8Array.from(bytes)
}
