/** The seeds of a simulation: these, or the one that `npm run sim -- --seed N` asks for. */
export function seeds(count: number): readonly number[] {
  const wanted = process.env['WHERRY_SEED']
  if (wanted !== undefined) return [Number(wanted)]
  return Array.from({ length: count }, (_, index) => index + 1)
}
