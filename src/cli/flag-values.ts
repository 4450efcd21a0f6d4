import { InvalidArgumentError } from 'commander'

/** Of a flag that is given once with commas, or several times. */
export function addToList(
  text: string,
  previous: readonly string[] | undefined,
): readonly string[] {
  return [...(previous ?? []), ...text.split(',').filter((one) => one !== '')]
}

/** Of a flag that may be given several times, commas and all. */
export function addToTexts(
  text: string,
  previous: readonly string[] | undefined,
): readonly string[] {
  return [...(previous ?? []), text]
}

/** Of a flag that is true when it stands alone. */
export function parseBoolean(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new InvalidArgumentError('It must be true or false.')
}

/** Of a flag that counts something. */
export function parseCount(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

/** Of a flag that says how often or how much. */
export function parseNumber(text: string): number {
  if (/^[0-9]{1,9}(\.[0-9]+)?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a number.')
}
