import { parseIp } from '../../../machinery/ip-address.ts'

/** Whether a text is one address of RFC 5322 as Go's mail.ParseAddress takes it, named or not. */
export function isEmailAddress(text: string): boolean {
  return new AddressReader(text).isSingleAddress()
}

/** Visible characters, those beyond ASCII too, without those that only a quoted text may hold. */
const ATOM = /[!#-'*+\--9=?A-Z^-~\u0080-\uffff]*/y
const DOMAIN = /[!-Z^-~\u0080-\uffff]*/y
const SPACES = /[ \t]*/y
const ENCODED_WORD = /^=\?([^?]+)\?([bBqQ])\?([^?]*)\?=$/
const KNOWN_CHARSET = /^(?:utf-8|iso-8859-1|us-ascii)$/iu

const isQuotable = (character: string) =>
  (character >= ' ' && character <= '~') || character >= '\u0080' || character === '\t'

/** Reads from left to right and never twice: the time is linear in the text. */
class AddressReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  isSingleAddress(): boolean {
    return this.#address(true) === 1 && this.#comments() && this.#isAtEnd
  }

  get #isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** How many addresses a mailbox or a group has; undefined where there is neither. */
  #address(mayBeGroup: boolean): number | undefined {
    this.#spaces()
    const start = this.#at
    if (this.#mailbox()) {
      this.#spaces()
      if (!this.#take('(')) return 1
      const comment = this.#comment()
      return comment?.split(/[ \t]/).every(isReadableWord) === true ? 1 : undefined
    }
    this.#at = start
    if (!this.#isNext('<') && !this.#phrase()) return undefined
    this.#spaces()
    if (mayBeGroup && this.#take(':')) return this.#group()
    return this.#take('<') && this.#mailbox() && this.#take('>') ? 1 : undefined
  }

  #group(): number | undefined {
    let count = 0
    this.#spaces()
    if (this.#take(';')) return 0
    do {
      const added = this.#address(false)
      if (added === undefined || !this.#comments()) return undefined
      count += added
      if (this.#take(';')) return this.#comments() ? count : undefined
    } while (this.#take(','))
    return undefined
  }

  /** `local@domain` */
  #mailbox(): boolean {
    this.#spaces()
    const hasLocal = this.#isNext('"') ? (this.#quoted() ?? 0) > 0 : isDotAtom(this.#atom())
    if (!hasLocal || !this.#take('@')) return false
    this.#spaces()
    return this.#take('[') ? this.#addressLiteral() : isDotAtom(this.#atom())
  }

  /** The words of a name; what follows the first need not be one. */
  #phrase(): boolean {
    for (let words = 0; ; words++) {
      if (words > 0 && !this.#comments()) return false
      this.#spaces()
      if (this.#isAtEnd) return true
      const isWord = this.#isNext('"') ? this.#quoted() !== undefined : this.#word()
      if (!isWord) return words > 0
    }
  }

  #word(): boolean {
    const atom = this.#atom()
    return atom !== '' && isReadableWord(atom)
  }

  #atom(): string {
    return this.#run(ATOM)
  }

  /** How many characters a quoted text has; undefined, and nothing read, where it is none. */
  #quoted(): number | undefined {
    let count = 0
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      let character = this.#text.charAt(at)
      if (character === '"') {
        this.#at = at + 1
        return count
      }
      if (character === '\\') character = this.#text.charAt(++at)
      if (!isQuotable(character)) return undefined
      count++
    }
    return undefined
  }

  /** `[192.0.2.1]`, the bracket being read. */
  #addressLiteral(): boolean {
    const address = this.#run(DOMAIN)
    const parsed = this.#take(']') ? parseIp(address) : undefined
    return parsed !== undefined && !parsed.flaws.some((flaw) => flaw.includes('leading'))
  }

  #comments(): boolean {
    this.#spaces()
    while (this.#take('(')) {
      if (this.#comment() === undefined) return false
      this.#spaces()
    }
    return true
  }

  /** What a comment says, others inside of it too, the parenthesis being read. */
  #comment(): string | undefined {
    const said: string[] = []
    for (let depth = 1; !this.#isAtEnd; ) {
      if (this.#isNext('\\') && this.#at + 1 < this.#text.length) this.#at++
      else if (this.#isNext('(')) depth++
      else if (this.#isNext(')')) depth--
      const character = this.#text.charAt(this.#at++)
      if (depth === 0) return said.join('')
      said.push(character)
    }
    return undefined
  }

  #spaces(): void {
    this.#run(SPACES)
  }

  /** Reads as many characters of a class as there are. */
  #run(characters: RegExp): string {
    const start = this.#at
    characters.lastIndex = start
    characters.test(this.#text)
    this.#at = characters.lastIndex
    return this.#text.slice(start, this.#at)
  }

  #isNext(character: string): boolean {
    return this.#text.charAt(this.#at) === character
  }

  #take(character: string): boolean {
    if (!this.#isNext(character)) return false
    this.#at++
    return true
  }
}

function isDotAtom(atom: string): boolean {
  return atom !== '' && !atom.startsWith('.') && !atom.endsWith('.') && !atom.includes('..')
}

/** False for a word that RFC 2047 encodes in a character set that Go's mail does not know. */
function isReadableWord(word: string): boolean {
  const [, charset, encoding = '', content = ''] = ENCODED_WORD.exec(word) ?? []
  if (charset === undefined || KNOWN_CHARSET.test(charset)) return true
  return encoding.toLowerCase() === 'b' ? !isBase64(content) : !isQuotedPrintable(content)
}

function isBase64(content: string): boolean {
  const joined = content.replaceAll(/[\r\n]+/g, '')
  return joined.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(joined)
}

function isQuotedPrintable(content: string): boolean {
  return !/[^ -~\n\r\t]/.test(content) && !/=(?![0-9A-Fa-f]{2})/.test(content)
}
