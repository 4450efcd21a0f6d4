import { type Command, Option } from 'commander'
import { addToList, addToTexts, parseBoolean, parseCount, parseNumber } from './flag-values.ts'

/**
 * A flag with upstream's name: what follows it, and what it does. `<xs...>` takes a list with
 * commas, `[boolean]` may stand alone, `<count>` is a whole number and `<number>` any,
 * and a `<pair>` may be given several times. `usual` is what is done without it.
 */
export type Flag = readonly [flag: string, description: string, usual?: string]

/** What flags mean that are not given, where that is a value and not a rule. */
const usualValues = new WeakMap<Option, string>()

/** A command that takes flags, which its help shows under a heading. */
export function withFlags(command: Command, heading: string, flags: readonly Flag[]): Command {
  for (const [flag, description, usual] of flags) {
    const shown = usual === undefined ? description : `${description} (${usual})`
    const option = new Option(flag.replace('...>', '>'), shown).helpGroup(heading)
    if (flag.endsWith('...>')) usualValues.set(option, `[${usual ?? ''}]`)
    else if (usual !== undefined) usualValues.set(option, usual)
    if (flag.endsWith('...>')) option.argParser(addToList)
    else if (flag.endsWith('<pair>')) option.argParser(addToTexts)
    else if (flag.endsWith('[boolean]')) option.argParser(parseBoolean).preset('true')
    else if (/<(count|days|megabytes|bytes|seconds)>$/.test(flag)) option.argParser(parseCount)
    else if (flag.endsWith('<number>')) option.argParser(parseNumber)
    command.addOption(option)
  }
  return command
}

/** The flags of a command with their values, given or usual, as `/flagz` shows them. */
export function flagValuesOf(command: Command): ReadonlyMap<string, string> {
  const values = command.options.flatMap((option): readonly (readonly [string, string])[] => {
    if (option.long === undefined || option.long === null) return []
    const name = option.long.replace(/^--/, '')
    return [[name, formatValue(option, command.getOptionValue(option.attributeName()))]]
  })
  return new Map(values)
}

/** As Go's flags write themselves: lists in brackets, what is off is `false`. */
function formatValue(option: Option, value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(',')}]`
  if (value !== undefined) return String(value)
  const usual = usualValues.get(option)
  if (usual !== undefined) return usual
  if (option.isBoolean() || option.flags.endsWith('[boolean]')) return 'false'
  return ''
}
