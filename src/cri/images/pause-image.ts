import { buildImage } from './build-image.ts'
import type { Architecture } from './elf.ts'
import type { ImageStore, StoredImage } from './image-store.ts'
import { pauseExecutable } from './pause-program.ts'

/** What every sandbox runs. The registry exists only in the local mirror. */
export const PAUSE_IMAGE = 'wherry.local/pause:1'

/** Nobody, as in upstream's pause image: it needs no right at all. */
const USER = '65535:65535'

export function buildPauseImage(
  store: ImageStore,
  architecture: Architecture,
): Promise<StoredImage> {
  return buildImage(store, {
    reference: PAUSE_IMAGE,
    architecture,
    files: [{ name: 'pause', mode: 0o755, content: pauseExecutable(architecture) }],
    config: { Entrypoint: ['/pause'], User: USER },
  })
}
