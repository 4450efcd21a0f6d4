import type { Alias, Document, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml'
import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml'
import { setOwn } from '../../base/json.ts'
import { isJsonObject } from '../json-value.ts'
import { CodecError, MOST_DEPTH } from './json.ts'
import { tooDeep } from './yaml-depth.ts'
import { resolveScalar } from './yaml-scalar.ts'

/** Below this many nodes any share may come from aliases. */
const FREE_NODES = 100
const FEW_NODES = 400_000
const MANY_NODES = 4_000_000

/** Turns a YAML document into the JSON value that it stands for. */
export class YamlReader {
  /** Such as `  line 3: key "a" already set in map`. */
  readonly duplicates: string[] = []
  readonly #document: Document.Parsed
  readonly #lines: LineCounter
  /** Anchors whose values are being read: one of these again would never end. */
  readonly #open = new Set<Node>()
  /** What each anchor stands for at this place of the text; a later one of its name replaces it. */
  readonly #anchors = new Map<string, Node>()
  /** What aliases stand for: their own place decides, not that from where they are reached. */
  readonly #targets = new Map<Alias, Node | undefined>()
  #nodes = 0
  #nodesOfAliases = 0
  #aliases = 0

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  /** Throws CodecError. */
  read(): unknown {
    return this.#value(this.#document.contents, 0)
  }

  #value(node: unknown, depth: number): unknown {
    if (depth > MOST_DEPTH) throw tooDeep()
    this.#count()
    if (isAlias(node)) return this.#alias(this.#target(node), node.source, depth)
    if (this.#aliases === 0) this.#keepAnchor(node)
    if (isScalar(node)) return scalarOf(node)
    if (isMap(node)) return this.#map(node, depth)
    if (isSeq(node)) return node.items.map((item) => this.#value(item, depth + 1))
    return null
  }

  /** Upstream's guard against documents that are small but stand for very much. */
  #count(): void {
    this.#nodes++
    if (this.#aliases > 0) this.#nodesOfAliases++
    if (this.#nodes <= FREE_NODES || this.#nodesOfAliases <= FREE_NODES) return
    const share = (this.#nodes - FEW_NODES) / (MANY_NODES - FEW_NODES)
    const most = 0.99 - 0.89 * Math.min(1, Math.max(0, share))
    if (this.#nodesOfAliases / this.#nodes > most) {
      throw new CodecError('yaml: document contains excessive aliasing')
    }
  }

  /** All nodes are met in the order of the text before any is met again through an alias. */
  #target(alias: Alias): Node | undefined {
    if (this.#aliases > 0) return this.#targets.get(alias)
    const target = this.#anchors.get(alias.source)
    this.#targets.set(alias, target)
    return target
  }

  #keepAnchor(node: unknown): void {
    if (!isNode(node) || isAlias(node)) return
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
  }

  #alias(target: Node | undefined, name: string, depth: number): unknown {
    if (target === undefined) throw new CodecError(`yaml: unknown anchor '${name}' referenced`)
    if (this.#open.has(target)) {
      throw new CodecError(`yaml: anchor '${name}' value contains itself`)
    }
    this.#open.add(target)
    this.#aliases++
    const value = this.#value(target, depth + 1)
    this.#aliases--
    this.#open.delete(target)
    return value
  }

  #map(map: YAMLMap, depth: number): Record<string, unknown> {
    const isAnchor = map.anchor !== undefined
    if (isAnchor) this.#open.add(map)
    const result: Record<string, unknown> = {}
    const given = new Set<string>()
    for (const pair of map.items as Pair[]) {
      if (isMergeKey(pair.key)) {
        this.#merge(result, this.#value(pair.value, depth + 1))
        continue
      }
      const key = this.#key(pair.key, depth)
      if (given.has(key)) this.#duplicate(pair.key, key)
      given.add(key)
      setOwn(result, key, this.#value(pair.value, depth + 1))
    }
    if (isAnchor) this.#open.delete(map)
    return result
  }

  #merge(result: Record<string, unknown>, value: unknown): void {
    for (const source of Array.isArray(value) ? value.toReversed() : [value]) {
      if (!isJsonObject(source)) {
        throw new CodecError('yaml: map merge requires map or sequence of maps as the value')
      }
      for (const [key, field] of Object.entries(source)) setOwn(result, key, field)
    }
  }

  /** JSON has only strings as keys; what YAML reads as a number or boolean is written as one. */
  #key(node: unknown, depth: number): string {
    const value = this.#value(node, depth + 1)
    if (value === null || typeof value === 'object') {
      const type = value === null ? 'null' : 'map or list'
      throw new CodecError(`unsupported map key of type: ${type}`)
    }
    return String(value)
  }

  #duplicate(node: unknown, key: string): void {
    const start = isScalar(node) ? (node.range?.[0] ?? 0) : 0
    const { line } = this.#lines.linePos(start)
    this.duplicates.push(`  line ${line}: key ${JSON.stringify(key)} already set in map`)
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
}

function scalarOf(node: Scalar): unknown {
  const text = node.value === null ? '' : String(node.value)
  const isString = node.type !== 'PLAIN' || node.tag === '!' || node.tag?.endsWith(':str')
  const value =
    isString && !/:(int|float|bool|null)$/.test(node.tag ?? '') ? text : resolveScalar(text)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new CodecError(
      `json: unsupported value: ${Number.isNaN(value) ? 'NaN' : infinityOf(value)}`,
    )
  }
  return value
}

function infinityOf(value: number): string {
  return value > 0 ? '+Inf' : '-Inf'
}
