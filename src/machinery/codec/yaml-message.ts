import { parseJson, stringifyJson } from '../../base/json.ts'
import { CodecError, type DecodedDocument } from './json.ts'
import { decodeYaml } from './yaml.ts'

/** A text for the thread that reads YAML. */
export interface YamlQuestion {
  readonly text: string
  readonly findDuplicates: boolean
}

/**
 * What it answers: JSON, which is read faster than anything else a thread can be sent, or the value
 * itself where JSON would change a number; or why the text cannot be read.
 */
export type YamlAnswer =
  | { readonly code: 'Json'; readonly json: string; readonly problems: readonly string[] }
  | { readonly code: 'Value'; readonly value: unknown; readonly problems: readonly string[] }
  | { readonly code: 'Refused'; readonly why: string }

/** Reads YAML on the other thread. Throws whatever is no fault of the text. */
export function answerYaml({ text, findDuplicates }: YamlQuestion): YamlAnswer {
  try {
    const { value, problems } = decodeYaml(text, { findDuplicates })
    if (hasGreatNumber(value)) return { code: 'Value', value, problems }
    return { code: 'Json', json: stringifyJson(value), problems }
  } catch (error) {
    if (error instanceof CodecError) return { code: 'Refused', why: error.message }
    throw error
  }
}

/** The document that an answer stands for. Throws CodecError. */
export function documentOf(answer: YamlAnswer): DecodedDocument {
  if (answer.code === 'Refused') throw new CodecError(answer.why)
  const value = answer.code === 'Value' ? answer.value : parseJson(answer.json)
  return { value, problems: answer.problems }
}

/** JSON does not tell integers beyond 2^53 from others, nor -0 from 0. */
function hasGreatNumber(value: unknown): boolean {
  if (typeof value === 'bigint') return true
  if (typeof value === 'number') return Math.abs(value) > 2 ** 53 || Object.is(value, -0)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasGreatNumber)
}
