/** The attributes of HTML that hold addresses, by their elements (upstream's list). */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
}

/** Elements whose text is no HTML, and the beginning of the end tag that ends it. */
const RAW_TEXT: ReadonlyMap<string, RegExp> = new Map(
  ['script', 'style', 'textarea', 'title', 'xmp', 'noembed', 'noframes'].map((element) => [
    element,
    new RegExp(`</${element}`, 'i'),
  ]),
)
/** Longer tags are passed on as they are: somebody else's rubbish must not fill our memory. */
const LONGEST_TAG = 64 * 1024

const TAG_NAME = /^<([a-zA-Z][^\s/>]*)/
/** Begins where a name begins, and nowhere within it: else each letter would be tried. */
const ATTRIBUTE = /(?<![^\s=/"'>])([^\s=/"'>]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)/g

/** What is done with a part of the page. */
interface Step {
  readonly out: string
  readonly left: string
  /** What is left needs more of the page. */
  readonly isStuck: boolean
}

/**
 * Rewrites the addresses in a page as it passes through a proxy: what begins with a slash is meant
 * from the root of the page's server, which for the browser is below the proxy's path. Whatever the
 * page, it takes time in proportion to its length: anybody may have written it.
 */
export class LinkRewriter {
  readonly #rewrite: (address: string) => string
  #held = ''
  /** The element whose raw text is being read. */
  #rawElement: string | undefined

  constructor(rewrite: (address: string) => string) {
    this.#rewrite = rewrite
  }

  /** The part of the page that is complete; what may go on in the next part is held back. */
  push(text: string): string {
    let rest = this.#held + text
    let done = ''
    for (;;) {
      const { out, left, isStuck } = this.#step(rest)
      done += out
      rest = left
      if (isStuck || rest === '') break
    }
    this.#held = rest
    return done
  }

  /** The end of the page, whatever it is. */
  flush(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }

  #step(text: string): Step {
    if (this.#rawElement !== undefined) return this.#skipRawText(text, this.#rawElement)
    const start = text.indexOf('<')
    if (start < 0) return { out: text, left: '', isStuck: false }
    const before = text.slice(0, start)
    const rest = text.slice(start)
    if ('<!--'.startsWith(rest.slice(0, 4))) return skipComment(before, rest)
    const name = TAG_NAME.exec(rest)?.[1]
    if (name === undefined) return { out: `${before}<`, left: rest.slice(1), isStuck: false }
    const end = endOfTag(rest, name.length + 1)
    if (end < 0) return hold(before, rest)
    const element = name.toLowerCase()
    if (RAW_TEXT.has(element)) this.#rawElement = element
    const attributes = this.#rewriteAttributes(element, rest.slice(name.length + 1, end))
    return { out: `${before}<${name}${attributes}`, left: rest.slice(end), isStuck: false }
  }

  #skipRawText(text: string, element: string): Step {
    const end = text.search(RAW_TEXT.get(element) ?? /$/)
    if (end >= 0) {
      this.#rawElement = undefined
      return { out: text.slice(0, end + 2), left: text.slice(end + 2), isStuck: false }
    }
    const keep = Math.min(text.length, element.length + 2)
    const cut = text.length - keep
    return { out: text.slice(0, cut), left: text.slice(cut), isStuck: true }
  }

  #rewriteAttributes(element: string, attributes: string): string {
    const wanted = Object.hasOwn(ATTRIBUTES, element) ? ATTRIBUTES[element] : undefined
    if (wanted === undefined) return attributes
    return attributes.replace(ATTRIBUTE, (whole, name: string, equals: string, value: string) => {
      if (!wanted.includes(name.toLowerCase())) return whole
      const quote = /^["']/.exec(value)?.[0] ?? ''
      const address = quote === '' ? value : value.slice(1, -1)
      return `${name}${equals}${quote}${this.#rewrite(address)}${quote}`
    })
  }
}

function skipComment(before: string, rest: string): Step {
  const end = rest.indexOf('-->', 4)
  if (rest.length < 4 || end < 0) return hold(before, rest)
  return { out: before + rest.slice(0, end + 3), left: rest.slice(end + 3), isStuck: false }
}

/** Waits for the end of what has begun; what is too long is passed on. */
function hold(before: string, rest: string): Step {
  if (rest.length < LONGEST_TAG) return { out: before, left: rest, isStuck: true }
  const out = before + rest.slice(0, LONGEST_TAG)
  return { out, left: rest.slice(LONGEST_TAG), isStuck: false }
}

/** Where the first `>` is that is not quoted; -1 where there is none yet. */
function endOfTag(text: string, from: number): number {
  const stop = /["'>]/g
  stop.lastIndex = from
  for (let found = stop.exec(text); found !== null; found = stop.exec(text)) {
    if (found[0] === '>') return found.index
    const quoted = text.indexOf(found[0], stop.lastIndex)
    if (quoted < 0) return -1
    stop.lastIndex = quoted + 1
  }
  return -1
}
