import { type Clock, formatTime } from '../../base/clock.ts'
import { type Random, randomInt } from '../../base/random.ts'
import { writeYaml } from '../../machinery/codec/yaml-writer.ts'
import { encodeApiCbor } from '../cbor/api-cbor.ts'
import { CBOR } from '../cbor/media-type.ts'
import { type Conversion, negotiateClauses } from '../listener/accept.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { respondWithText } from './document.ts'
import { KUBERNETES_VERSION, type VersionInfo } from './version-info.ts'

export interface DebuggingPagesOptions {
  readonly clock: Clock
  readonly random: Random
  readonly version: VersionInfo
  /** What the server was started with. */
  readonly flags: ReadonlyMap<string, string>
  /** Milliseconds since the epoch. */
  readonly startTime: number
  /** All that the index of the server lists. */
  readonly paths: () => readonly string[]
}

/** One page: what it is as an object, and as text by what stands between names and values. */
interface Page {
  readonly kind: 'Statusz' | 'Flagz'
  fields(): Readonly<Record<string, unknown>>
  text(separator: string): string
}

const COMPONENT = 'apiserver'
const GROUP = 'config.k8s.io'
const TEXT = 'text/plain'
const OFFERED = ['application/json', 'application/yaml', TEXT] as const
const PLAIN = [TEXT] as const
const VERSIONS: ReadonlySet<string> = new Set(['v1alpha1', 'v1beta1'])
/** Nobody shall be tempted to parse the texts. */
const SEPARATORS = [':', ': ', '=', ' ']
/** Paths that say nothing of how the server is. */
const OTHER_PATHS: ReadonlySet<string> = new Set([
  '/apis',
  '/api',
  '/openid',
  '/openapi',
  '/.well-known',
])

/**
 * `/statusz` and `/flagz` (upstream's gates ComponentStatusz and ComponentFlagz, on since 1.36):
 * for people as text, for programs that name kind and version as an object of `config.k8s.io`. By
 * default the group `system:monitoring` may see them.
 */
export class DebuggingPages {
  readonly #pages: ReadonlyMap<string, Page>
  readonly #random: Random

  constructor(options: DebuggingPagesOptions) {
    this.#random = options.random
    this.#pages = new Map<string, Page>([
      ['/flagz', flagsPage(options)],
      ['/statusz', statusPage(options)],
    ])
  }

  /** Undefined where the path is none of these; 406 for who takes neither text nor the object. */
  answer(request: ServerRequest): ServerResponse | undefined {
    const page = this.#pages.get(request.path)
    if (page === undefined) return undefined
    const { accept = '' } = request.headers
    if (accept.trim() === '') return this.#text(page)
    const isOffered = ({ group, version, kind }: Conversion, type: string) =>
      type !== TEXT && group === GROUP && kind === page.kind && VERSIONS.has(version)
    const { mediaType, convertTo } = negotiateClauses(accept, isOffered, OFFERED, PLAIN)
    if (mediaType === TEXT || convertTo === undefined) return this.#text(page)
    if (convertTo.version === 'v1alpha1') {
      const what = `This version of the ${page.kind.toLowerCase()} endpoint is deprecated.`
      request.addWarning(`${what} Please use a newer version.`)
    }
    return structured(page, mediaType, convertTo.version)
  }

  #text(page: Page): ServerResponse {
    const separator = SEPARATORS[randomInt(this.#random, SEPARATORS.length)] ?? ''
    const warning =
      'Warning: This endpoint is not meant to be machine parseable, has no formatting ' +
      'compatibility guarantees and is for debugging purposes only.'
    const head = `\n${COMPONENT} ${page.kind.toLowerCase()}\n${warning}\n`
    return respondWithText(head + page.text(separator), 200, `${TEXT}; charset=utf-8`, {})
  }
}

function structured(page: Page, mediaType: string, version: string): ServerResponse {
  const names = { kind: page.kind, apiVersion: `${GROUP}/${version}` }
  const object = { ...names, metadata: { name: COMPONENT }, ...page.fields() }
  return {
    type: 'encoded',
    code: 200,
    contentType: `${mediaType};g=${GROUP};v=${version};as=${page.kind}`,
    chunks: () => [encode(object, mediaType)],
    object: () => object,
  }
}

function encode(object: object, mediaType: string): Buffer {
  if (mediaType === CBOR) return encodeApiCbor(object)
  const isYaml = mediaType === 'application/yaml'
  return Buffer.from(isYaml ? writeYaml(object) : `${JSON.stringify(object)}\n`)
}

function flagsPage({ flags }: DebuggingPagesOptions): Page {
  const sorted = [...flags].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    kind: 'Flagz',
    fields: () => (flags.size === 0 ? {} : { flags: Object.fromEntries(sorted) }),
    text: (separator) => sorted.map(([name, value]) => `${name}${separator}${value}\n`).join(''),
  }
}

function statusPage({ clock, version, startTime, paths }: DebuggingPagesOptions): Page {
  const uptimeSeconds = () => Math.max(0, Math.floor((clock.now() - startTime) / 1000))
  const binaryVersion = KUBERNETES_VERSION.slice(1)
  const emulationVersion = `${version.emulationMajor}.${version.emulationMinor}`
  return {
    kind: 'Statusz',
    fields: () => ({
      startTime: formatTime(startTime),
      uptimeSeconds: uptimeSeconds(),
      goVersion: version.goVersion,
      binaryVersion,
      emulationVersion,
      paths: foldersOf(paths()),
    }),
    text: (separator) => {
      const lines = [
        ['Started', formatUnixDate(startTime)],
        ['Up', formatUptime(uptimeSeconds())],
        ['Go version', version.goVersion],
        ['Binary version', binaryVersion],
        ['Emulation version', emulationVersion],
        ['Paths', foldersOf(paths()).join(' ')],
      ]
      return `\n${lines.map(([name, value]) => `${name}${separator} ${value}\n`).join('')}`
    },
  }
}

/** The first parts of paths, each once and in order, but for those of the API itself. */
function foldersOf(paths: readonly string[]): readonly string[] {
  const folders = paths.map((path) => `/${path.split('/')[1] ?? ''}`)
  return [...new Set(folders)].filter((one) => one !== '/' && !OTHER_PATHS.has(one)).toSorted()
}

function formatUptime(seconds: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return `${Math.floor(minutes / 60)} hr ${two(minutes % 60)} min ${two(seconds % 60)} sec`
}

/** As the Unix program `date` writes it: `Sat Nov 21 18:16:11 UTC 2026`. */
function formatUnixDate(time: number): string {
  const [weekday = '', day = '', month = '', year = '', clock = ''] = new Date(time)
    .toUTCString()
    .replace(',', '')
    .split(' ')
  return `${weekday} ${month} ${String(Number(day)).padStart(2, ' ')} ${clock} UTC ${year}`
}
