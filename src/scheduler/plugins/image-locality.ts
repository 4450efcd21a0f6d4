import { MAX_NODE_SCORE, type Plugin } from '../framework/plugin.ts'

const MEBIBYTE = 1024 * 1024
/** Images smaller than this do not matter. */
const LEAST_BYTES = 23 * MEBIBYTE
/** More than this of one container matters no more. */
const MOST_BYTES_PER_CONTAINER = 1000 * MEBIBYTE

const STATE = 'ImageLocality'

/** Nodes that have the pod's images already start it sooner. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  preScore(state, { pod }, nodes) {
    const { containers, initContainers = [], volumes = [] } = pod.spec
    const names = [...initContainers, ...containers].map(({ image }) => fullName(image ?? ''))
    const mounted = volumes.flatMap(({ image }) =>
      image?.reference === undefined ? [] : [fullName(image.reference)],
    )
    const images = [...names, ...mounted]
    // An image that few nodes have counts little, lest one node gets all the pods.
    const spread = new Map(
      images.map((name) => {
        const having = nodes.filter((node) => node.images.has(name)).length
        return [name, having / nodes.length]
      }),
    )
    state.set(STATE, { images, spread, containers: names.length })
    return undefined
  },
  score(state, _pod, node) {
    const kept = state.get<Kept>(STATE)
    if (kept === undefined) return 0
    const bytes = kept.images.reduce(
      (sum, name) => sum + Math.floor((node.images.get(name) ?? 0) * (kept.spread.get(name) ?? 0)),
      0,
    )
    const most = MOST_BYTES_PER_CONTAINER * kept.containers
    const counted = Math.min(Math.max(bytes, LEAST_BYTES), most)
    return Math.floor((MAX_NODE_SCORE * (counted - LEAST_BYTES)) / (most - LEAST_BYTES))
  },
}

interface Kept {
  readonly images: readonly string[]
  readonly spread: ReadonlyMap<string, number>
  readonly containers: number
}

/** With the tag that is meant where none is given. */
function fullName(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}
