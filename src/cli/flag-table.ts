import { type Command, Option } from 'commander'
import { addToList, addToTexts, parseBoolean, parseCount, parseNumber } from './flag-values.ts'

/**
 * A flag with upstream's name: what follows it, and what it does. `<xs...>` takes a list with
 * commas, `[boolean]` may stand alone, `<count>` is a whole number and `<number>` any,
 * and a `<pair>` may be given several times.
 */
export type Flag = readonly [flag: string, description: string]

/** A command that takes flags, which its help shows under a heading. */
export function withFlags(command: Command, heading: string, flags: readonly Flag[]): Command {
  for (const [flag, description] of flags) {
    const option = new Option(flag.replace('...>', '>'), description).helpGroup(heading)
    if (flag.endsWith('...>')) option.argParser(addToList)
    else if (flag.endsWith('<pair>')) option.argParser(addToTexts)
    else if (flag.endsWith('[boolean]')) option.argParser(parseBoolean).preset('true')
    else if (/<(count|days|megabytes|bytes|seconds)>$/.test(flag)) option.argParser(parseCount)
    else if (flag.endsWith('<number>')) option.argParser(parseNumber)
    command.addOption(option)
  }
  return command
}
