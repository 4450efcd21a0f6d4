/** One step of a path; each is applied to all that the steps before it have found. */
export type PathStep =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | { readonly type: 'slice'; readonly from: Bound; readonly to: Bound; readonly step: Bound }
  | { readonly type: 'union'; readonly paths: readonly (readonly PathStep[])[] }
  | { readonly type: 'filter'; readonly filter: PathFilter }
  /** A text, number or truth value in a comparison. */
  | { readonly type: 'constant'; readonly value: string | number | boolean }

/** Undefined where the template leaves it out. `isDerived`: one item, not a range. */
export interface Bound {
  readonly value: number | undefined
  readonly isDerived?: true
}

export interface PathFilter {
  readonly operator: string
  readonly left: readonly PathStep[]
  readonly right: readonly PathStep[]
}

/** Raised for a path that cannot be read; the messages are those of client-go's jsonpath. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError'
}

const TERMINATORS = new Set([' ', '\t', '\r', '\n', '.', ',', '[', ']', '$', '@', '{', '}'])
const FILTER = /^([^!<>=]+)([!<>=]+)(.+?)$/s
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/
const WORD = /[\p{L}\p{Nd}_]/u

/** Reads a path as client-go does, without the braces around it. Throws JsonPathError. */
export function parseJsonPath(text: string): readonly PathStep[] {
  return new PathParser(text).parse()
}

class PathParser {
  readonly #text: string
  #at = 0
  readonly #steps: PathStep[] = []

  constructor(text: string) {
    this.#text = text
  }

  parse(): readonly PathStep[] {
    while (this.#at < this.#text.length) {
      // What follows a closing brace is another template, of which nobody makes use.
      if (this.#text[this.#at] === '}') break
      this.#next()
    }
    return this.#steps
  }

  #next(): void {
    if (this.#text.startsWith('[?(', this.#at)) this.#filter()
    else if (this.#text.startsWith('..', this.#at)) this.#recursive()
    else this.#single(this.#text[this.#at++] as string)
  }

  #single(character: string): void {
    if (character === '\n' || character === '\r') throw new JsonPathError('unclosed action')
    // The current object, which everything begins with anyway.
    if (character === ' ' || character === '@' || character === '$') return
    if (character === '[') this.#array()
    else if (character === '"' || character === "'") this.#quote(character)
    else if (character === '.') this.#field()
    else if (/[+\-\d]/.test(character)) this.#number()
    else if (WORD.test(character)) this.#identifier()
    else {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      throw new JsonPathError(`unrecognized character in action: U+${code} '${character}'`)
    }
  }

  #recursive(): void {
    if (this.#steps.at(-1)?.type === 'recursive') {
      throw new JsonPathError('invalid multiple recursive descent')
    }
    this.#at += 2
    this.#steps.push({ type: 'recursive' })
    if (WORD.test(this.#text[this.#at] ?? '')) this.#field()
  }

  #field(): void {
    let name = ''
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] as string
      if (character === '\\') {
        this.#at++
        name += this.#text[this.#at] ?? ''
      } else if (TERMINATORS.has(character)) break
      else name += character
    }
    this.#steps.push(name === '*' ? { type: 'wildcard' } : { type: 'field', name })
  }

  #number(): void {
    const [text = ''] = /^[+-]?[\d.]*/.exec(this.#text.slice(this.#at - 1)) ?? []
    this.#at += text.length - 1
    const value = Number(text)
    if (text === '' || Number.isNaN(value)) {
      throw new JsonPathError(`cannot parse number ${text}`)
    }
    this.#steps.push({ type: 'constant', value })
  }

  #identifier(): void {
    const start = this.#at - 1
    while (this.#at < this.#text.length && !TERMINATORS.has(this.#text[this.#at] as string)) {
      this.#at++
    }
    const word = this.#text.slice(start, this.#at)
    if (word !== 'true' && word !== 'false') {
      throw new JsonPathError(`unrecognized identifier ${word}`)
    }
    this.#steps.push({ type: 'constant', value: word === 'true' })
  }

  #quote(quote: string): void {
    let value = ''
    for (; ; this.#at++) {
      const character = this.#text[this.#at]
      if (character === undefined || character === '\n') {
        throw new JsonPathError('unterminated quoted string')
      }
      if (character === quote) break
      if (character === '\\') this.#at++
      value += this.#text[this.#at] ?? ''
    }
    this.#at++
    this.#steps.push({ type: 'constant', value })
  }

  #array(): void {
    const end = this.#text.indexOf(']', this.#at)
    const text = this.#text.slice(this.#at, end)
    if (end < 0 || text.includes('\n')) throw new JsonPathError('unterminated array')
    this.#at = end + 1
    const parts = text.split(',')
    if (parts.length > 1) {
      const paths = parts.map((part) => parseJsonPath(`[${part.replace(/^ +| +$/g, '')}]`))
      this.#steps.push({ type: 'union', paths })
      return
    }
    const key = /^'([^']*)'$/.exec(text)?.[1]
    if (key !== undefined) this.#steps.push(...parseJsonPath(`.${key}`))
    else this.#steps.push(sliceOf(text === '*' ? ':' : text))
  }

  #filter(): void {
    const start = this.#at + '[?('.length
    const end = this.#endOfFilter(start)
    if (this.#text[end + 1] !== ']') throw new JsonPathError('unclosed array expect ]')
    this.#at = end + 2
    const text = this.#text.slice(start, end)
    const [, left, operator, right] = FILTER.exec(text) ?? []
    this.#steps.push({
      type: 'filter',
      filter:
        left === undefined || operator === undefined || right === undefined
          ? { operator: 'exists', left: parseJsonPath(text), right: [] }
          : { operator, left: parseJsonPath(left), right: parseJsonPath(right) },
    })
  }

  /** The closing parenthesis that is not inside quotes. */
  #endOfFilter(start: number): number {
    let quote: string | undefined
    for (let at = start; at < this.#text.length; at++) {
      const character = this.#text[at] as string
      if (character === '\n') break
      if (character === '"' || character === "'") {
        if (quote === undefined) quote = character
        else if (quote === character && this.#text[at - 1] !== '\\') quote = undefined
      } else if (character === ')' && quote === undefined) return at
    }
    throw new JsonPathError('unterminated filter')
  }
}

function sliceOf(text: string): PathStep {
  const match = SLICE.exec(text)
  if (match === null) throw new JsonPathError(`invalid array index ${text}`)
  const [, from = '', to, step] = match
  const first = from === '' ? undefined : Number(from)
  return {
    type: 'slice',
    from: { value: first },
    to: to === undefined ? { value: (first ?? 0) + 1, isDerived: true } : boundOf(to),
    step: boundOf(step ?? ':'),
  }
}

function boundOf(text: string): Bound {
  return { value: text === ':' ? undefined : Number(text.slice(1)) }
}
