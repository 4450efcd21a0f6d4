import {
  dns1035NameErrors,
  labelNameErrors,
  labelValueErrors,
  qualifiedNameErrors,
  subdomainNameErrors,
} from '../../machinery/names.ts'
import { CelError } from '../values/cel-error.ts'
import { parseRequestUrl } from '../values/go-url.ts'
import { ArrayList } from '../values/list.ts'
import { Opaque } from '../values/opaque.ts'
import { Optional } from '../values/optional.ts'
import { parseDay } from '../values/timestamp.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import { NO_SUCH_OVERLOAD } from './arithmetic.ts'
import { type CelFunction, global, member } from './function.ts'
import { NAMED_FORMAT } from './signature.ts'

/** Why a text has not a format; none when it has. */
type Flaws = (text: string) => readonly string[]

/** A format by its name, which texts can be validated against. */
class NamedFormat extends Opaque {
  readonly name: string
  readonly flawsOf: Flaws
  readonly #patternSize: number

  constructor(name: string, patternSize: number, flawsOf: Flaws) {
    super()
    this.name = name
    this.flawsOf = flawsOf
    this.#patternSize = patternSize
  }

  get type() {
    return NAMED_FORMAT
  }

  override get patternSize(): number {
    return this.#patternSize
  }

  equals(other: CelValue): boolean | CelError {
    return other instanceof NamedFormat ? other.name === this.name : NO_SUCH_OVERLOAD
  }

  override toString(): string {
    return this.name
  }

  toJson(): string {
    return this.name
  }
}

const matching =
  (flaw: string, isValid: (text: string) => boolean): Flaws =>
  (text) =>
    isValid(text) ? [] : [flaw]

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/
const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$/

function isDateTime(text: string): boolean {
  const [day = '', time = ''] = text.toLowerCase().split('t')
  const [, hours = '99', minutes = '99', seconds = '99'] = TIME.exec(time) ?? []
  return parseDay(day) !== undefined && hours <= '23' && minutes <= '59' && seconds <= '59'
}

function uriFlaws(text: string): readonly string[] {
  const url = parseRequestUrl(text)
  return url instanceof CelError ? [url.message] : []
}

/** The formats with the longest that their patterns are taken to be. */
const FORMATS: ReadonlyMap<string, NamedFormat> = new Map(
  (
    [
      ['dns1123Label', 'DNS1123Label', 30, (text) => labelNameErrors(text, false)],
      ['dns1123Subdomain', 'DNS1123Subdomain', 60, (text) => subdomainNameErrors(text, false)],
      ['dns1035Label', 'DNS1035Label', 30, (text) => dns1035NameErrors(text, false)],
      ['qualifiedName', 'QualifiedName', 60, qualifiedNameErrors],
      ['dns1123LabelPrefix', 'DNS1123LabelPrefix', 30, (text) => labelNameErrors(text, true)],
      [
        'dns1123SubdomainPrefix',
        'DNS1123SubdomainPrefix',
        60,
        (text) => subdomainNameErrors(text, true),
      ],
      ['dns1035LabelPrefix', 'DNS1035LabelPrefix', 30, (text) => dns1035NameErrors(text, true)],
      ['labelValue', 'LabelValue', 40, labelValueErrors],
      ['uri', 'URI', 1103, uriFlaws],
      ['uuid', 'uuid', 70, matching('does not match the UUID format', (text) => UUID.test(text))],
      ['byte', 'byte', 84, matching('invalid base64', (text) => BASE64.test(text))],
      ['date', 'date', 71, matching('invalid date', (text) => parseDay(text) !== undefined)],
      ['datetime', 'datetime', 71, matching('invalid datetime', isDateTime)],
    ] satisfies readonly (readonly [string, string, number, Flaws])[]
  ).map(([key, name, size, flaws]) => [key, new NamedFormat(name, size, flaws)] as const),
)

function validate(format: NamedFormat, text: string): Outcome {
  const flaws = format.flawsOf(text)
  return flaws.length === 0 ? Optional.none : new Optional(new ArrayList(flaws))
}

/** Kubernetes' library of named formats. */
export const NAMED_FORMAT_FUNCTIONS: readonly CelFunction[] = [
  ...Array.from(FORMATS, ([name, format]) =>
    global(`format.${name}`, `format.${name}`, '() -> NamedFormat', () => format),
  ),
  global('format.named', 'format-named', '(string) -> optional(NamedFormat)', (name: string) => {
    const format = FORMATS.get(name)
    return format === undefined ? Optional.none : new Optional(format)
  }),
  member(
    'validate',
    'format-validate',
    '(NamedFormat, string) -> optional(list(string))',
    validate,
  ),
]
