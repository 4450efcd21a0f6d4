import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Watch,
  watch,
} from '../runtime/controller.ts'

const ANNOTATION = 'node.alpha.kubernetes.io/ttl'

/** By how many nodes there are. The ranges overlap, so that a single node does not switch. */
const STEPS = [
  { least: 0, most: 100, seconds: 0 },
  { least: 90, most: 500, seconds: 15 },
  { least: 450, most: 1000, seconds: 30 },
  { least: 900, most: 2000, seconds: 60 },
  { least: 1800, most: Number.POSITIVE_INFINITY, seconds: 300 },
]

/** Tells kubelets for how long they may keep secrets and config maps without asking again. */
export class TtlController implements Controller {
  readonly name = 'ttl-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #nodes: Informer<Node>
  #step = 0

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#nodes = informers.for(Node)
    this.watches = [
      watch(this.#nodes, ({ type, object }) => {
        const before = this.#step
        this.#step = nextStep(before, this.#nodes.list().length)
        if (before !== this.#step) return this.#nodes.list().map(({ metadata }) => metadata.name)
        return type === 'DELETED' ? [] : [object.metadata.name]
      }),
    ]
  }

  async reconcile(name: string): Promise<undefined> {
    const node = this.#nodes.get(name)
    const seconds = `${STEPS[this.#step]?.seconds ?? 0}`
    if (node === undefined || node.metadata.annotations?.[ANNOTATION] === seconds) return
    const patch = { metadata: { annotations: { [ANNOTATION]: seconds } } }
    try {
      await this.#client.patch(Node, { name }, 'application/strategic-merge-patch+json', patch)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}

function nextStep(step: number, nodes: number): number {
  const { least, most } = STEPS[step] ?? { least: 0, most: 0 }
  if (nodes > most) return nextStep(step + 1, nodes)
  return nodes < least ? nextStep(step - 1, nodes) : step
}
