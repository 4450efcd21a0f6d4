import { buildImage } from './build-image.ts'
import type { Architecture } from './elf.ts'
import type { ImageStore } from './image-store.ts'
import { pauseExecutable } from './pause-program.ts'

/** What every sandbox runs. The registry exists only in the local mirror. */
export const PAUSE_IMAGE = 'wherry.local/pause:1'

/** Nobody, as in upstream's pause image: it needs no right at all. */
const USER = '65535:65535'

/** Silent where the store has it: the tag tells one program from the next. */
export async function ensurePauseImage(
  store: ImageStore,
  architecture: Architecture,
): Promise<void> {
  if ((await store.find(PAUSE_IMAGE)) !== undefined) return
  await buildImage(store, {
    reference: PAUSE_IMAGE,
    architecture,
    files: [{ name: 'pause', mode: 0o755, content: pauseExecutable(architecture) }],
    config: { Entrypoint: ['/pause'], User: USER },
  })
}
