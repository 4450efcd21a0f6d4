import type { Duplex, Readable } from 'node:stream'
import type { DecodedDocument } from '../machinery/codec/json.ts'
import { decodeYaml } from '../machinery/codec/yaml.ts'
import type { YamlQuestion } from '../machinery/codec/yaml-message.ts'
import { StatusError } from '../machinery/status-error.ts'
import { parseRequestInfo, type RequestInfo } from './request-info.ts'
import type { RequestTrace } from './tracing/request-trace.ts'
import type { WatchMeter } from './watch-meter.ts'

/**
 * Who asks: what authentication found out, and what authorization, audit and admission judge by.
 */
export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** A body may have so many bytes (upstream's limit for resources). */
export const MAX_BODY_BYTES = 3 * 1024 * 1024

/** As `decodeYaml` of the codec, later; rejects with the signal's reason if nobody waits any more. */
export type DecodeYaml = (question: YamlQuestion, signal: AbortSignal) => Promise<DecodedDocument>

/** The network side of a request. Absent for clients within the process. */
export interface Connection {
  readonly remoteAddress: string
  /** DER bytes of the client's certificate, which TLS has verified against the client CA. */
  readonly peerCertificate: Uint8Array | undefined
  /** DER bytes of what the client has sent with it, to lead to an authority; none when absent. */
  readonly peerIntermediates?: readonly Uint8Array[]
  /** Reads YAML where that would stop everybody else; rejects with CodecError. */
  readonly decodeYaml?: DecodeYaml | undefined
  /** HTTP/1.1 upgrades: hands the raw socket over; the listener then forgets the request. */
  takeOver?(): { readonly socket: Duplex; readonly head: Uint8Array }
  /** HTTP/1.1 upgrades: calls back when the connection has ended, whoever has it then. */
  onClosed?(fn: () => void): void
}

/** What a listener or an in-process client knows of a request. */
export interface RequestParts {
  /** In capitals. */
  readonly method: string
  /** The request target as it was sent: path and query, percent-encoded. */
  readonly url: string
  /** Names in lower case; several values of one name joined by ", ". */
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** The same as they arrived: each name, whatever its case, and its value after it. */
  readonly rawHeaders?: readonly string[] | undefined
  /** Set only by clients within the process, whose identity needs no proof. */
  readonly user?: UserInfo
  /** The body as a value, from clients within the process: it is read, never changed. */
  readonly object?: unknown
  /** Reads the whole body, or rejects with `requestTooLarge()`. */
  readonly readBody?: () => Promise<Uint8Array>
  /** The body as it arrives, for proxies; whoever reads it must not call `body` too. */
  readonly incoming?: Readable
  readonly connection?: Connection
  /** What audit events and the answer call this request by. */
  readonly auditId?: string
  /** Aborts when the client has gone or the request has timed out. */
  readonly signal: AbortSignal
}

/** One API call on its way through the filters to its verb. */
export class ServerRequest {
  readonly method: string
  readonly url: string
  /** Percent-decoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly info: RequestInfo
  readonly object: unknown
  readonly connection: Connection | undefined
  /** The body as it arrives, for proxies; whoever reads it must not call `body` too. */
  readonly incoming: Readable | undefined
  /** Set by authentication, replaced by impersonation. */
  user: UserInfo | undefined
  /** Set by authentication: headers (in lower case) that tell who asks, for this server alone. */
  isProof: ((header: string) => boolean) | undefined
  /** Sent as `Warning` headers, in this order. */
  readonly warnings: string[] = []
  #warned: Set<string> | undefined
  /** Facts for the audit log, such as the reason of an authorization. */
  readonly auditAnnotations: Map<string, string> = new Map()
  /** Those that tell of the body: logged where the body is (level Request) or more. */
  bodyAuditAnnotations: Map<string, string> | undefined
  /** The constrained verb that let this user act as another, for the audit log. */
  impersonationConstraint: string | undefined
  /** Told how many bytes the body of an answer took on the wire; not of watches and streams. */
  onSent: ((bytes: number) => void) | undefined
  /** Where nobody measures watches it is absent. */
  watchMeter: WatchMeter | undefined
  /** Where the request is not recorded it is absent. */
  trace: RequestTrace | undefined
  /** How large the body was, once its verb has read it. */
  bodyBytes: number | undefined
  /** Sent with whatever the answer is, in lower case. */
  responseHeaders: Readonly<Record<string, string>> | undefined
  /** Where flow control has sorted it in; undefined for callers in this process. */
  priorityLevel: string | undefined
  /** The body once its verb has decoded it, for the audit log. */
  submitted: unknown
  readonly #parts: RequestParts
  #body: Promise<Uint8Array> | undefined

  constructor(parts: RequestParts) {
    const { method, url } = parts
    const mark = url.indexOf('?')
    this.method = method
    this.url = url
    this.path = decodePath(mark < 0 ? url : url.slice(0, mark))
    this.query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
    this.headers = parts.headers ?? {}
    this.info = parseRequestInfo(method, this.path, this.query)
    this.object = parts.object
    this.connection = parts.connection
    this.incoming = parts.incoming
    this.user = parts.user
    this.#parts = parts
  }

  /** Made when it is first asked for, since most requests need none. */
  get signal(): AbortSignal {
    return this.#parts.signal
  }

  /** Absent for a caller in this process. */
  get auditId(): string | undefined {
    return this.#parts.auditId
  }

  /** True for a caller in this process: values go in and out, nothing is encoded. */
  get isInProcess(): boolean {
    return this.connection === undefined
  }

  /** The whole body, read once. Rejects with 413 beyond `MAX_BODY_BYTES`. */
  body(): Promise<Uint8Array> {
    this.#body ??= this.#parts.readBody?.() ?? Promise.resolve(new Uint8Array())
    return this.#body
  }

  /** Reads the body, or a part of it, as YAML. Rejects with CodecError. */
  async decodeYaml(text: string, findDuplicates: boolean): Promise<DecodedDocument> {
    const question = { text, findDuplicates }
    return this.connection?.decodeYaml?.(question, this.signal) ?? decodeYaml(text, question)
  }

  /**
   * The values of a header (in lower case) that may be sent several times, as text: within one
   * there may be commas, and any letters, which arrive as the bytes of UTF-8.
   */
  headerValues(name: string): readonly string[] {
    const joined = this.headers[name]
    if (joined === undefined || joined === '') return []
    const { rawHeaders } = this.#parts
    if (rawHeaders === undefined) return joined.split(', ').map(headerText)
    const values: string[] = []
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      if (rawHeaders[index]?.toLowerCase() === name) values.push(headerText(rawHeaders[index + 1]))
    }
    return values
  }

  /** Whether there is a header whose name goes on after this beginning (in lower case). */
  hasHeaderLike(beginning: string): boolean {
    const { rawHeaders } = this.#parts
    if (rawHeaders === undefined) {
      return Object.keys(this.headers).some((name) => name.startsWith(beginning))
    }
    const { length } = beginning
    const first = beginning.charCodeAt(0)
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] as string
      // As cheap as it can be: every request has headers, and few have such ones.
      if (name.length <= length || (name.charCodeAt(0) | LOWER_CASE_BIT) !== first) continue
      if (name.slice(0, length).toLowerCase() === beginning) return true
    }
    return false
  }

  /** A text for the `Warning` header; the same text is sent once. */
  addWarning(text: string): void {
    if (text === '' || this.warnings.length > MOST_WARNINGS) return
    this.#warned ??= new Set()
    if (this.#warned.size < this.#warned.add(text).size) this.warnings.push(text)
  }

  /** What strict decoding found; the reader of YAML tells all its findings in one text. */
  addDecodingWarnings(problems: readonly string[]): void {
    for (const problem of problems) {
      const lines = problem.replace(YAML_HEADING, '').split('\n')
      for (const line of lines) this.addWarning(line.trim())
    }
  }
}

/** Of more not one is sent, since their characters are counted: each has one at least. */
const MOST_WARNINGS = 4 * 1024

const LOWER_CASE_BIT = 0x20

const YAML_HEADING = /^(error converting YAML to JSON: )?yaml: unmarshal errors:\n/

/** The 413 for a body beyond the limit. */
export function requestTooLarge(): StatusError {
  return new StatusError(
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${MAX_BODY_BYTES}`,
  )
}

/** Node makes a character of each byte of a header; names of people are in UTF-8. */
function headerText(value = ''): string {
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) > 127) return Buffer.from(value, 'latin1').toString()
  }
  return value
}

/** Bytes that are no UTF-8 become U+FFFD: no resource has such a name. */
function decodePath(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    const bytes = path.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    return Buffer.from(bytes, 'latin1').toString()
  }
}
