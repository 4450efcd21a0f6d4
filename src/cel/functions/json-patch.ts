import type { Library } from '../library.ts'
import { global } from './function.ts'

/** What only mutating policies have: keys as JSON pointers write them. */
export const JSON_PATCH_LIBRARY: Library = {
  functions: [
    global(
      'jsonpatch.escapeKey',
      'string_jsonpatch_escapeKey_string',
      '(string) -> string',
      (key: string) => key.replace(/[~/]/g, (character) => (character === '/' ? '~1' : '~0')),
    ),
  ],
}
