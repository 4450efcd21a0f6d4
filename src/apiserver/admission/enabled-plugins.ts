import type { AdmissionPlugin } from './admission.ts'

/** What `--enable-admission-plugins` and `--disable-admission-plugins` name. */
export interface PluginNames {
  readonly enabled: readonly string[]
  readonly disabled: readonly string[]
}

/** Where the flags say nothing. */
export const NO_NAMES: PluginNames = { enabled: [], disabled: [] }

/** The plugins that judge: those on by default, but for the flags. Throws for unknown names. */
export function enabledPlugins(
  plugins: readonly AdmissionPlugin[],
  { enabled, disabled }: PluginNames,
): readonly AdmissionPlugin[] {
  const known = new Set(plugins.map(({ name }) => name))
  const problems = [
    ...unknown('enable-admission-plugins', enabled, known),
    ...unknown('disable-admission-plugins', disabled, known),
  ]
  const both = enabled.filter((name) => disabled.includes(name)).toSorted()
  if (both.length > 0) {
    const what = 'in enable-admission-plugins and disable-admission-plugins overlapped'
    problems.push(`[${both.join(' ')}] ${what}`)
  }
  if (problems.length > 0) throw new Error(problems.join(', '))
  return plugins.filter(({ name, isOffByDefault = false }) =>
    isOffByDefault ? enabled.includes(name) : !disabled.includes(name),
  )
}

function unknown(flag: string, names: readonly string[], known: ReadonlySet<string>): string[] {
  return names
    .filter((name) => !known.has(name))
    .map((name) => `${flag} plugin ${JSON.stringify(name)} is unknown`)
}
