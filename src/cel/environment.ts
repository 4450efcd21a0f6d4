import type { CompileResult } from './compile.ts'
import type { DeclaredType } from './declared-type.ts'
import type { CelType } from './types.ts'

/** What is added to an environment. */
export interface EnvironmentExtension {
  /** Variables by name (names may hold dots), with their types; types of schemas are registered. */
  readonly variables?: Readonly<Record<string, CelType | DeclaredType>>
  /** Object types that variables' types refer to by name. */
  readonly types?: readonly DeclaredType[]
}

/** Names, types and functions that expressions may use. Immutable: `extend` makes another. */
export interface Environment {
  extend(extension: EnvironmentExtension): Environment
  compile(expression: string): CompileResult
}
