import { readFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type VersionInfo, versionInfo } from '../apiserver/endpoints/version-info.ts'
import { isMissing } from '../base/missing-file.ts'
import {
  type Describe,
  type DescriptionFile,
  describeFrom,
} from '../machinery/openapi/descriptions.ts'
import { VERSION } from './version.ts'

/** What the build writes beside the program. */
const DESCRIPTIONS = 'descriptions.json'
const BUILD = 'build.json'

/** The folder of the running program: where its build put everything. */
export function programDirectory(): string {
  return dirname(fileURLToPath(import.meta.url))
}

/** The descriptions of all fields, read when they are first asked for; none without a build. */
export function descriptionsBeside(directory: string): Describe {
  let describe: Describe | undefined
  return (struct) => {
    if (describe === undefined) {
      const file = readJson<DescriptionFile>(join(directory, DESCRIPTIONS))
      describe = describeFrom(file ?? { models: {}, structs: {}, fields: {} })
    }
    return describe(struct)
  }
}

/** What `/version` says of this program. */
export function programVersion(directory = programDirectory()): VersionInfo {
  const build = readJson<{ commit: string; date: string }>(join(directory, BUILD))
  return versionInfo({
    programVersion: VERSION,
    commit: build?.commit ?? '',
    buildDate: build?.date ?? '1970-01-01T00:00:00Z',
    nodeVersion: process.version,
    os: platform(),
    architecture: arch(),
  })
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
