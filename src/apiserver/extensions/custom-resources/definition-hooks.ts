import { setImmediate } from 'node:timers/promises'
import { compilePattern } from '../../../cel/functions/regular-expressions.ts'
import { CelError } from '../../../cel/values/cel-error.ts'
import type { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { patternsOf } from '../../../kinds/apiextensions/v1/schema-walk.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import type { Preparation, RegistryHooks } from '../../registry/registry-hooks.ts'

/** So much is compiled before others may go on: a few milliseconds of work. */
const INSTRUCTIONS_AT_ONCE = 1000
/** What a pattern costs beside its instructions. */
const PER_PATTERN = 50

/**
 * Compiles the patterns of a definition before it is validated, which needs them all: that may take
 * long, and validation lets nobody else go on.
 */
export const definitionHooks: RegistryHooks = {
  beforeCreate: prepare,
  beforeUpdate: prepare,
}

async function prepare(object: KubeObject): Promise<Preparation> {
  const { versions } = (object as CustomResourceDefinition).spec
  let instructions = 0
  for (const { schema } of versions) {
    for (const pattern of patternsOf(schema?.openAPIV3Schema)) {
      const compiled = compilePattern(pattern)
      instructions += PER_PATTERN + (compiled instanceof CelError ? 0 : compiled.programSize())
      if (instructions < INSTRUCTIONS_AT_ONCE) continue
      instructions = 0
      await setImmediate()
    }
  }
  return { object, finish: () => {} }
}
