/** A leaf holds entries, a branch holds nodes: the other pair of arrays is empty. */
interface Node<V> {
  /** The tree that may change this node; every other one copies it first. */
  readonly owner: object
  /** Of a leaf: its keys. Of a branch: the first key of each child. */
  readonly keys: string[]
  readonly values: V[]
  readonly children: Node<V>[]
  /** How much all values below weigh. */
  weight: number
}

const MOST_KEYS = 64
const FEW_KEYS = 16

/**
 * An ordered map that clones in constant time: a B+ tree whose nodes belong to the tree that made
 * them. `clone` leaves all nodes without an owner, so that both trees copy a node before its first
 * change and share the rest:
 *
 *     tree a:  [b | k]        after a.clone() and a.set('c', 3):    a: [b | k]     clone: [b | k]
 *             /      \                                                /     \          /    |
 *        [b:1 d:2]  [k:5 m:6]                               [b:1 c:3 d:2]    \  [b:1 d:2]   |
 *                                                                             [k:5 m:6] (shared)
 *
 * Values weigh 0 or more, and the weight of any range is known in O(log n).
 */
export class CopyOnWriteTree<V> {
  readonly #weightOf: (value: V) => number
  #owner: object = {}
  #root: Node<V>

  constructor(weightOf: (value: V) => number) {
    this.#weightOf = weightOf
    this.#root = this.#newNode([], [], [])
  }

  /** A tree with the same entries, independent of this one. O(1). */
  clone(): CopyOnWriteTree<V> {
    const tree = new CopyOnWriteTree<V>(this.#weightOf)
    tree.#root = this.#root
    this.#owner = {}
    return tree
  }

  get(key: string): V | undefined {
    let node = this.#root
    while (node.children.length > 0) node = node.children[childFor(node, key)] as Node<V>
    const index = lowerBound(node.keys, key)
    return node.keys[index] === key ? node.values[index] : undefined
  }

  set(key: string, value: V): void {
    const root = this.#own(this.#root)
    const right = this.#insert(root, key, value)
    this.#root =
      right === undefined
        ? root
        : this.#newNode([firstKey(root), firstKey(right)], [], [root, right])
  }

  delete(key: string): void {
    if (this.get(key) === undefined) return
    let root = this.#own(this.#root)
    this.#remove(root, key)
    while (root.children.length === 1) root = root.children[0] as Node<V>
    this.#root = root
  }

  /** Visits the values from `from` to below `below` in order, until the visitor returns false. */
  visit(from: string, below: string | undefined, visitor: (value: V) => boolean): void {
    visitNode(this.#root, from, below, visitor)
  }

  /** What all values with keys before `key` weigh; undefined stands for the end. */
  weightBefore(key: string | undefined): number {
    let node = this.#root
    if (key === undefined) return node.weight
    let weight = 0
    while (node.children.length > 0) {
      const index = childFor(node, key)
      for (let i = 0; i < index; i++) weight += (node.children[i] as Node<V>).weight
      node = node.children[index] as Node<V>
    }
    const end = lowerBound(node.keys, key)
    for (let i = 0; i < end; i++) weight += this.#weightOf(node.values[i] as V)
    return weight
  }

  /** Returns the new right neighbour if the node had to be split. */
  #insert(node: Node<V>, key: string, value: V): Node<V> | undefined {
    if (node.children.length === 0) {
      const index = lowerBound(node.keys, key)
      node.weight += this.#weightOf(value)
      if (node.keys[index] === key) {
        node.weight -= this.#weightOf(node.values[index] as V)
        node.values[index] = value
        return undefined
      }
      node.keys.splice(index, 0, key)
      node.values.splice(index, 0, value)
    } else {
      const index = childFor(node, key)
      const child = this.#ownChild(node, index)
      node.weight -= child.weight
      const right = this.#insert(child, key, value)
      node.weight += child.weight + (right?.weight ?? 0)
      node.keys[index] = firstKey(child)
      if (right !== undefined) {
        node.keys.splice(index + 1, 0, firstKey(right))
        node.children.splice(index + 1, 0, right)
      }
    }
    return node.keys.length > MOST_KEYS ? this.#split(node, key) : undefined
  }

  /** Keys that come in order leave full nodes behind, others halves. */
  #split(node: Node<V>, key: string): Node<V> {
    const isLast = key === node.keys.at(-1)
    const at = isLast ? node.keys.length - 1 : node.keys.length >> 1
    const right = this.#newNode(
      node.keys.splice(at),
      node.values.splice(at),
      node.children.splice(at),
    )
    node.weight -= right.weight
    return right
  }

  #remove(node: Node<V>, key: string): void {
    if (node.children.length === 0) {
      const index = lowerBound(node.keys, key)
      node.keys.splice(index, 1)
      for (const value of node.values.splice(index, 1)) node.weight -= this.#weightOf(value)
      return
    }
    const index = childFor(node, key)
    const child = this.#ownChild(node, index)
    node.weight -= child.weight
    this.#remove(child, key)
    node.weight += child.weight
    if (child.keys.length === 0) {
      node.keys.splice(index, 1)
      node.children.splice(index, 1)
      return
    }
    node.keys[index] = firstKey(child)
    if (child.keys.length < FEW_KEYS) this.#mergeWithNext(node, Math.max(0, index - 1))
  }

  #mergeWithNext(node: Node<V>, index: number): void {
    const right = node.children[index + 1]
    if (right === undefined) return
    const left = this.#ownChild(node, index)
    if (left.keys.length + right.keys.length > MOST_KEYS / 2) return
    left.keys.push(...right.keys)
    left.values.push(...right.values)
    left.children.push(...right.children)
    left.weight += right.weight
    node.keys.splice(index + 1, 1)
    node.children.splice(index + 1, 1)
  }

  #ownChild(node: Node<V>, index: number): Node<V> {
    const child = this.#own(node.children[index] as Node<V>)
    node.children[index] = child
    return child
  }

  #own(node: Node<V>): Node<V> {
    if (node.owner === this.#owner) return node
    const { keys, values, children, weight } = node
    return {
      owner: this.#owner,
      keys: keys.slice(),
      values: values.slice(),
      children: children.slice(),
      weight,
    }
  }

  #newNode(keys: string[], values: V[], children: Node<V>[]): Node<V> {
    let weight = 0
    for (const value of values) weight += this.#weightOf(value)
    for (const child of children) weight += child.weight
    return { owner: this.#owner, keys, values, children, weight }
  }
}

function firstKey<V>(node: Node<V>): string {
  return node.keys[0] as string
}

/** The first index whose key is not less than `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

/** The child whose range holds `key`: the last that starts at or before it, else the first. */
function childFor<V>(node: Node<V>, key: string): number {
  const index = lowerBound(node.keys, key)
  return node.keys[index] === key ? index : Math.max(0, index - 1)
}

function visitNode<V>(
  node: Node<V>,
  from: string,
  below: string | undefined,
  visitor: (value: V) => boolean,
): boolean {
  if (node.children.length > 0) {
    for (let i = childFor(node, from); i < node.children.length; i++) {
      if (below !== undefined && (node.keys[i] as string) >= below) return false
      if (!visitNode(node.children[i] as Node<V>, from, below, visitor)) return false
    }
    return true
  }
  for (let i = lowerBound(node.keys, from); i < node.keys.length; i++) {
    if (below !== undefined && (node.keys[i] as string) >= below) return false
    if (!visitor(node.values[i] as V)) return false
  }
  return true
}
