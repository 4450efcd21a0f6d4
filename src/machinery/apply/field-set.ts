import {
  type FieldPathElements,
  formatFieldPath,
  type PathElement,
  sortedPathElements,
} from './path-element.ts'

/** What a set holds below one element. Not a member and nothing below it does not occur. */
export interface FieldSetNode {
  /** Whether the element itself is in the set. */
  readonly isMember: boolean
  readonly below: FieldSet
}

type Nodes = ReadonlyMap<PathElement, FieldSetNode>

/**
 * A set of fields of an object, as a manager owns them: a tree of path elements.
 *
 *     f:spec ─ f:containers ─ k:{"name":"c"}* ─ f:image*        (* is a member)
 *
 * holds two paths: the item with this key, and its image. Sets are immutable and share what they
 * have in common: sets that were made alike lately are one object, so that thousands of pods of
 * one template have one set. An operation that changes nothing answers the set itself.
 */
export class FieldSet {
  static readonly empty: FieldSet = new FieldSet(new Map())
  readonly nodes: Nodes
  #member: FieldSetNode | undefined
  #way: FieldSetNode | undefined

  /** For `fieldSetOf` alone, which keeps equal sets one. */
  constructor(nodes: Nodes) {
    this.nodes = nodes
  }

  static of(paths: Iterable<FieldPathElements>): FieldSet {
    const below = new Map<PathElement, FieldPathElements[]>()
    const members = new Set<PathElement>()
    for (const [first, ...rest] of paths) {
      if (first === undefined) continue
      const list = below.get(first) ?? []
      below.set(first, list)
      if (rest.length === 0) members.add(first)
      else list.push(rest)
    }
    const nodes = new Map<PathElement, FieldSetNode>()
    for (const [element, rest] of below) {
      nodes.set(element, nodeOf(members.has(element), FieldSet.of(rest)))
    }
    return fieldSetOf(nodes)
  }

  /** This set below a member. */
  get asMember(): FieldSetNode {
    this.#member ??= { isMember: true, below: this }
    return this.#member
  }

  /** This set below an element that is no member. */
  get asWay(): FieldSetNode {
    this.#way ??= { isMember: false, below: this }
    return this.#way
  }

  get isEmpty(): boolean {
    return this.nodes.size === 0
  }

  /** How many paths there are. */
  get size(): number {
    let count = 0
    for (const { isMember, below } of this.nodes.values()) count += below.size + (isMember ? 1 : 0)
    return count
  }

  hasMember(element: PathElement): boolean {
    return this.nodes.get(element)?.isMember === true
  }

  has(path: FieldPathElements): boolean {
    const last = path.at(-1)
    if (last === undefined) return false
    let set: FieldSet = this
    for (const element of path.slice(0, -1)) set = set.below(element)
    return set.hasMember(last)
  }

  /** What is below an element. */
  below(element: PathElement): FieldSet {
    return this.nodes.get(element)?.below ?? FieldSet.empty
  }

  /** Upstream's order: first the members by themselves, then what is below each. */
  *paths(prefix: FieldPathElements = []): Iterable<FieldPathElements> {
    const sorted = this.sortedElements()
    for (const element of sorted) if (this.hasMember(element)) yield [...prefix, element]
    for (const element of sorted) yield* this.below(element).paths([...prefix, element])
  }

  /** One path a line, for messages and tests. */
  toString(): string {
    return [...this.paths()].map(formatFieldPath).join('\n')
  }

  sortedElements(): readonly PathElement[] {
    return sortedPathElements([...this.nodes.keys()])
  }

  equals(other: FieldSet): boolean {
    if (this === other) return true
    if (this.nodes.size !== other.nodes.size) return false
    for (const [element, { isMember, below }] of this.nodes) {
      const node = other.nodes.get(element)
      if (node?.isMember !== isMember || !below.equals(node.below)) return false
    }
    return true
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty || other === this) return this
    if (this.isEmpty) return other
    let nodes: Map<PathElement, FieldSetNode> | undefined
    for (const [element, theirs] of other.nodes) {
      const ours = this.nodes.get(element)
      const both =
        ours === undefined
          ? theirs
          : withParts(ours, ours.isMember || theirs.isMember, ours.below.union(theirs.below))
      if (both === ours) continue
      nodes ??= new Map(this.nodes)
      nodes.set(element, both)
    }
    return nodes === undefined ? this : fieldSetOf(nodes)
  }

  intersection(other: FieldSet): FieldSet {
    if (other === this) return this
    if (other.nodes.size < this.nodes.size) return other.intersection(this)
    const nodes = new Map<PathElement, FieldSetNode>()
    for (const [element, node] of this.nodes) {
      const theirs = other.nodes.get(element)
      if (theirs === undefined) continue
      const isMember = node.isMember && theirs.isMember
      const both = withParts(node, isMember, node.below.intersection(theirs.below))
      if (!isNothing(both)) nodes.set(element, both)
    }
    return fieldSetOf(nodes)
  }

  /** Without the other's paths; what is below them stays. */
  difference(other: FieldSet): FieldSet {
    return this.#without(other, (node, theirs) =>
      withParts(node, node.isMember && !theirs.isMember, node.below.difference(theirs.below)),
    )
  }

  /** Without the other's paths and all that is below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#without(other, (node, theirs) =>
      theirs.isMember
        ? undefined
        : withParts(node, node.isMember, node.below.recursiveDifference(theirs.below)),
    )
  }

  /** Only the paths below which there is nothing. */
  leaves(): FieldSet {
    const nodes = new Map<PathElement, FieldSetNode>()
    for (const [element, node] of this.nodes) {
      const { below } = node
      nodes.set(element, below.isEmpty ? node : below.leaves().asWay)
    }
    return fieldSetOf(nodes)
  }

  /** Looks only at what the other set names: that is little, most of the time. */
  #without(
    other: FieldSet,
    change: (node: FieldSetNode, theirs: FieldSetNode) => FieldSetNode | undefined,
  ): FieldSet {
    let nodes: Map<PathElement, FieldSetNode> | undefined
    for (const [element, theirs] of other.nodes) {
      const node = this.nodes.get(element)
      if (node === undefined) continue
      const changed = change(node, theirs)
      if (changed === node) continue
      nodes ??= new Map(this.nodes)
      if (changed === undefined || isNothing(changed)) nodes.delete(element)
      else nodes.set(element, changed)
    }
    return nodes === undefined ? this : fieldSetOf(nodes)
  }
}

/** A member with nothing below it. */
export const LEAF: FieldSetNode = FieldSet.empty.asMember

/** One node; the same for the same parts. */
export function nodeOf(isMember: boolean, below: FieldSet): FieldSetNode {
  return isMember ? below.asMember : below.asWay
}

/**
 * The way to a set that is known: element after element, each with its node, in the order in which
 * they came. Finding a set so costs a look-up for each element and makes nothing.
 */
class KnownSets {
  set: FieldSet | undefined
  #leaves: Map<PathElement, KnownSets> | undefined
  #others: Map<PathElement, Map<FieldSetNode, KnownSets>> | undefined

  next(element: PathElement, node: FieldSetNode): KnownSets {
    if (node === LEAF) {
      this.#leaves ??= new Map()
      return this.#leaves.get(element) ?? addTo(this.#leaves, element, sizeOf(element))
    }
    this.#others ??= new Map()
    let byNode = this.#others.get(element)
    if (byNode === undefined) {
      byNode = new Map()
      this.#others.set(element, byNode)
      knownSize += sizeOf(element)
    }
    return byNode.get(node) ?? addTo(byNode, node)
  }
}

/**
 * So many steps are known before all are forgotten: keys such as addresses are new every time, and
 * hostile ones are long.
 */
const MOST_KNOWN_SIZE = 50_000
const CHARACTERS_A_STEP = 64
/** Larger sets are not looked for among those that are known. */
export const MOST_SHARED = 1000
let knownSize = 0
let knownSets = new KnownSets()

function sizeOf(element: PathElement): number {
  return element.length / CHARACTERS_A_STEP
}

function addTo<K>(steps: Map<K, KnownSets>, key: K, size = 0): KnownSets {
  knownSize += 1 + size
  const step = new KnownSets()
  steps.set(key, step)
  return step
}

/** Where a search for known sets begins. */
export function beginSearch(): KnownSets {
  if (knownSize > MOST_KNOWN_SIZE) {
    knownSize = 0
    knownSets = new KnownSets()
  }
  return knownSets
}

/**
 * The set of these nodes, of which none may be empty. One of many is nobody else's: to be known it
 * would take a step for each, and have others forgotten.
 */
export function fieldSetOf(nodes: Nodes): FieldSet {
  if (nodes.size === 0) return FieldSet.empty
  if (nodes.size > MOST_SHARED) return new FieldSet(nodes)
  let step = beginSearch()
  for (const [element, node] of nodes) step = step.next(element, node)
  step.set ??= new FieldSet(nodes)
  return step.set
}

function withParts(node: FieldSetNode, isMember: boolean, below: FieldSet): FieldSetNode {
  if (node.isMember === isMember && node.below === below) return node
  return nodeOf(isMember, below)
}

function isNothing({ isMember, below }: FieldSetNode): boolean {
  return !isMember && below.isEmpty
}
