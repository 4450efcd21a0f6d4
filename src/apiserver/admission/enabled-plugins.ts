import type { AdmissionPlugin } from './admission.ts'

/** What `--enable-admission-plugins` and `--disable-admission-plugins` name. */
export interface PluginNames {
  readonly enabled: readonly string[]
  readonly disabled: readonly string[]
}

/** The plugins without those that are switched off. Throws for names that mean nothing. */
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
  return plugins.filter(({ name }) => !disabled.includes(name))
}

function unknown(flag: string, names: readonly string[], known: ReadonlySet<string>): string[] {
  return names
    .filter((name) => !known.has(name))
    .map((name) => `${flag} plugin ${JSON.stringify(name)} is unknown`)
}
