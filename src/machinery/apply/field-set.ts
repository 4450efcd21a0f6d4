import {
  comparePathElements,
  type FieldPathElements,
  formatFieldPath,
  type PathElement,
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
 * have in common; an operation that changes nothing answers the set itself.
 */
export class FieldSet {
  static readonly empty: FieldSet = new FieldSet(new Map())
  readonly nodes: Nodes

  /** `nodes` is taken over, and must hold no node that is empty. */
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
    return [...this.nodes.keys()].sort(comparePathElements)
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
    return nodes === undefined ? this : new FieldSet(nodes)
  }

  intersection(other: FieldSet): FieldSet {
    if (other === this) return this
    return this.#each((node, element) => {
      const theirs = other.nodes.get(element)
      if (theirs === undefined) return undefined
      const isMember = node.isMember && theirs.isMember
      return withParts(node, isMember, node.below.intersection(theirs.below))
    })
  }

  /** Without the other's paths; what is below them stays. */
  difference(other: FieldSet): FieldSet {
    if (other.isEmpty) return this
    return this.#each((node, element) => {
      const theirs = other.nodes.get(element)
      if (theirs === undefined) return node
      return withParts(node, node.isMember && !theirs.isMember, node.below.difference(theirs.below))
    })
  }

  /** Without the other's paths and all that is below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    if (other.isEmpty) return this
    return this.#each((node, element) => {
      const theirs = other.nodes.get(element)
      if (theirs === undefined) return node
      if (theirs.isMember) return undefined
      return withParts(node, node.isMember, node.below.recursiveDifference(theirs.below))
    })
  }

  /** Only the paths below which there is nothing. */
  leaves(): FieldSet {
    return this.#each((node) =>
      node.below.isEmpty ? node : withParts(node, false, node.below.leaves()),
    )
  }

  #each(change: (node: FieldSetNode, element: PathElement) => FieldSetNode | undefined): FieldSet {
    let nodes: Map<PathElement, FieldSetNode> | undefined
    for (const [element, node] of this.nodes) {
      const changed = change(node, element)
      if (changed === node) continue
      nodes ??= new Map(this.nodes)
      if (changed === undefined || isNothing(changed)) nodes.delete(element)
      else nodes.set(element, changed)
    }
    return nodes === undefined ? this : fieldSetOf(nodes)
  }
}

/** A member with nothing below it. */
export const LEAF: FieldSetNode = { isMember: true, below: FieldSet.empty }

/** A set of these nodes; without any, the one empty set. */
export function fieldSetOf(nodes: Nodes): FieldSet {
  return nodes.size === 0 ? FieldSet.empty : new FieldSet(nodes)
}

/** One node, shared where it is a leaf. */
export function nodeOf(isMember: boolean, below: FieldSet): FieldSetNode {
  return isMember && below.isEmpty ? LEAF : { isMember, below }
}

function withParts(node: FieldSetNode, isMember: boolean, below: FieldSet): FieldSetNode {
  if (node.isMember === isMember && node.below === below) return node
  return nodeOf(isMember, below)
}

function isNothing({ isMember, below }: FieldSetNode): boolean {
  return !isMember && below.isEmpty
}
