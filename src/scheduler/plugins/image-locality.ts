import { type ClusterView, MAX_NODE_SCORE, type Plugin } from '../framework/plugin.ts'

const MEBIBYTE = 1024 * 1024
/** Images smaller than this do not matter. */
const LEAST_BYTES = 23 * MEBIBYTE
/** More than this of one container matters no more. */
const MOST_BYTES_PER_CONTAINER = 1000 * MEBIBYTE

const STATE = 'ImageLocality'

interface Kept {
  readonly images: readonly { readonly name: string; readonly spread: number }[]
  readonly mostBytes: number
}

/** Nodes that have the pod's images already start it sooner. */
export function imageLocality(cluster: ClusterView): Plugin {
  return {
    name: 'ImageLocality',
    preScore(state, { pod }) {
      const { containers, initContainers = [], volumes = [] } = pod.spec
      const names = [...initContainers, ...containers].map(({ image }) => fullName(image ?? ''))
      const mounted = volumes.flatMap(({ image }) =>
        image?.reference === undefined ? [] : [fullName(image.reference)],
      )
      // An image that few nodes have counts little, lest one node gets all the pods.
      const images = [...names, ...mounted].flatMap((name) => {
        const count = cluster.imageCount(name)
        return count === 0 ? [] : [{ name, spread: count / cluster.nodes.length }]
      })
      const kept: Kept = { images, mostBytes: MOST_BYTES_PER_CONTAINER * names.length }
      state.set(STATE, kept)
      // No node has any: all would get the same.
      return images.length === 0 ? { code: 'Skip' } : undefined
    },
    score(state, _pod, node) {
      const { images, mostBytes } = state.get<Kept>(STATE) ?? { images: [], mostBytes: 1 }
      let bytes = 0
      for (const { name, spread } of images) {
        bytes += Math.floor((node.images.get(name) ?? 0) * spread)
      }
      const counted = Math.min(Math.max(bytes, LEAST_BYTES), mostBytes)
      return Math.floor((MAX_NODE_SCORE * (counted - LEAST_BYTES)) / (mostBytes - LEAST_BYTES))
    },
  }
}

/** With the tag that is meant where none is given. */
function fullName(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}
