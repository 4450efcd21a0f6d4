import { createHash } from 'node:crypto'
import { canonicalImageName } from '../images/reference.ts'
import type { Image } from '../messages/image.ts'
import { RuntimeError } from '../runtime-error.ts'
import type { ImageStanding } from './simulation.ts'

/** Not root's: whose the real image would be is not known, and this one suits every policy. */
const USER_ID = 65_532
/** As large as the image of a small program. */
const SIZE_BYTES = 10 * 1024 * 1024

/** A digest that belongs to a name for ever. */
export function imageId(name: string): string {
  return `sha256:${createHash('sha256').update(canonicalOrSame(name)).digest('hex')}`
}

/** Which images a simulated node has. */
export class SimulatedImages {
  readonly #standing: (image: string) => ImageStanding
  /** What was pulled or used, by full name: what a list shows. */
  readonly #known = new Set<string>()

  constructor(standing: (image: string) => ImageStanding) {
    this.#standing = standing
  }

  find(name: string): Image | undefined {
    const full = canonicalOrSame(name)
    const isPresent = this.#known.has(full) || this.#standing(name) === 'present'
    return isPresent ? imageOf(full) : undefined
  }

  /** The id. Rejects what no registry has in the words that containerd has for it. */
  pull(name: string): string {
    const full = canonicalOrSame(name)
    if (this.#standing(name) === 'absent') {
      throw new RuntimeError(
        'NotFound',
        'PullImage',
        `failed to pull and unpack image "${full}": failed to resolve reference "${full}": ` +
          `${full}: not found`,
      )
    }
    this.#known.add(full)
    return imageId(full)
  }

  remove(name: string): void {
    const full = canonicalOrSame(name)
    for (const known of this.#known) {
      if (known === full || imageId(known) === name) this.#known.delete(known)
    }
  }

  list(): readonly Image[] {
    return [...this.#known].map(imageOf)
  }
}

function imageOf(full: string): Image {
  const id = imageId(full)
  const repository = full.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  return {
    id,
    repoTags: full.includes('@') ? [] : [full],
    repoDigests: [`${repository}@${id}`],
    size: SIZE_BYTES,
    uid: USER_ID,
    username: '',
    pinned: false,
  }
}

/** What is no name, such as an id, stands for itself. */
function canonicalOrSame(name: string): string {
  try {
    return name.startsWith('sha256:') ? name : canonicalImageName(name)
  } catch {
    return name
  }
}
