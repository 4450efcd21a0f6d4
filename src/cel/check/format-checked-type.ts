import type { CelType } from '../types.ts'

/** The type as the checker's messages print it: `map(string, dyn)`, `timestamp`, `null`. */
export function formatCheckedType(type: CelType): string {
  switch (type.kind) {
    case 'any':
    case 'duration':
    case 'null':
    case 'timestamp':
      return type.kind
    case 'error':
      return '!error!'
    default: {
      const { name, parameters } = type
      if (parameters.length === 0) return name
      return `${name}(${parameters.map(formatCheckedType).join(', ')})`
    }
  }
}

/** The types of a call as messages print them: `(int, string)`, or `string.(int)` for a method. */
export function formatCallTypes(types: readonly CelType[], isMember: boolean): string {
  const names = types.map(formatCheckedType)
  if (!isMember) return `(${names.join(', ')})`
  return `${names[0]}.(${names.slice(1).join(', ')})`
}
