import { firstOf } from '../../column-text.ts'
import type { ServerStorageVersion } from './storage-version.ts'

const SHOWN = 3

/** What each server stores, as `server=version`. */
export function storageVersionsText(versions: readonly ServerStorageVersion[] | undefined): string {
  const texts = (versions ?? []).map(({ apiServerID = '', encodingVersion = '' }) => {
    return `${apiServerID}=${encodingVersion}`
  })
  return firstOf(texts, SHOWN, '<unset>')
}
