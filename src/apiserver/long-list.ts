/** A list so long that its items are made and written one after the other. */
export interface LongList {
  /** All fields but the list, in the order in which they come before it. */
  readonly head: Readonly<Record<string, unknown>>
  /** The name of the list, such as `items`. */
  readonly field: string
  /** How many items there are. */
  readonly length: number
  items(): Iterable<unknown>
}
