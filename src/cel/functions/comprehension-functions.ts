import { CelError } from '../values/cel-error.ts'
import { insertEntry } from '../values/map.ts'
import type { CelMap, CelValue, Outcome } from '../values/value.ts'
import { type CelFunction, global } from './function.ts'

function insertAll(target: CelMap, added: CelMap): Outcome {
  let map = target
  for (const key of added.keys()) {
    const value = added.find(key) ?? null
    if (value instanceof CelError) return value
    const inserted = insertEntry(map, key, value)
    if (inserted instanceof CelError) return inserted
    map = inserted
  }
  return map
}

/** What `transformMap` and `transformMapEntry` gather with. */
export const COMPREHENSION_FUNCTIONS: readonly CelFunction[] = [
  global(
    'cel.@mapInsert',
    '@mapInsert_map_key_value',
    '(map(K, V), K, V) -> map(K, V)',
    (map: CelMap, key: CelValue, value: CelValue) => insertEntry(map, key, value),
  ),
  global('cel.@mapInsert', '@mapInsert_map_map', '(map(K, V), map(K, V)) -> map(K, V)', insertAll),
]
