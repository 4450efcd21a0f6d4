import { type Command, Option } from 'commander'
import { INERT_FLAGS, type InertFlag } from './inert-flags.data.ts'

/** What the command line said that has no effect, and is told when the server starts. */
export type Warnings = string[]

/**
 * A command that knows the flags of kube-apiserver that change nothing here: one that asks for what
 * is done anyway is taken, one whose absence nobody misses is warned of, and the rest is refused.
 */
export function withInertFlags(command: Command, warnings: Warnings): Command {
  for (const inert of INERT_FLAGS) {
    const option = new Option(inert.flag).hideHelp().argParser((value) => {
      const problem = problemOf(inert, String(value))
      if (problem === undefined) return value
      if (inert.isRefused) throw new Error(problem)
      warnings.push(problem)
      return value
    })
    command.addOption(inert.flag.endsWith('[boolean]') ? option.preset('true') : option)
  }
  return command
}

/** What is to be said of a flag with a value; undefined where it asks for nothing else. */
export function problemOf({ flag, same, because }: InertFlag, value: string): string | undefined {
  if (same?.test(value) === true) return undefined
  return `${flag.split(' ')[0]}=${value} has no effect: ${because}`
}
