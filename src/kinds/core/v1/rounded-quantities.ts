import { parseQuantity } from '../../../machinery/quantity.ts'

export type Quantities = { readonly [name: string]: string }

/** Resources are counted in thousandths; what is finer is rounded up. */
const MILLI = -3

/** The same amounts, none finer than a thousandth. */
export function roundUp(quantities: Quantities): Quantities {
  const entries = Object.entries(quantities)
  if (entries.every(([, text]) => parseQuantity(text).exponent >= MILLI)) return quantities
  return Object.fromEntries(
    entries.map(([name, text]) => [name, `${parseQuantity(text).roundUp(MILLI)}`]),
  )
}
