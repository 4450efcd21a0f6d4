import { capitalized } from './names.ts'

/** What `kubectl explain` says of a type and its fields. */
export interface Descriptions {
  readonly type?: string | undefined
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/** What is known of a struct by its name (`core.v1.Pod`); undefined where nothing is. */
export type Describe = (struct: string) => Descriptions | undefined

/**
 * The file that the build writes: prose by model name, sentences by struct name, and sentences of
 * fields by `Pod.spec`, or by `spec` for all that have no prose.
 */
export interface DescriptionFile {
  readonly models: Readonly<Record<string, Descriptions>>
  readonly structs: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, string>>
}

/**
 * Looks descriptions up in the built file. A model is named after version and kind, and after the
 * group as well where two groups have the same name (`V1Pod`, `CoreV1Event`).
 */
export function describeFrom({ models, structs, fields }: DescriptionFile): Describe {
  const general = Object.entries(fields).filter(([key]) => !key.includes('.'))
  const special = Object.entries(fields).filter(([key]) => key.includes('.'))
  return (struct) => {
    const [group = '', version = '', name = ''] = struct.split('.')
    const model = `${capitalized(version)}${name}`
    const found = own(models, `${capitalized(group)}${model}`) ?? own(models, model)
    const sentence = own(structs, struct)
    if (found === undefined && sentence === undefined) return undefined
    const ownOnes = special.flatMap(([key, text]) => {
      const [type = '', field = ''] = key.split('.')
      return type === name ? [[field, text] as const] : []
    })
    const described = { ...Object.fromEntries([...general, ...ownOnes]), ...found?.fields }
    return { type: found?.type || sentence, fields: described }
  }
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
