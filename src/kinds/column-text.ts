import { formatHumanDuration } from '../machinery/duration.ts'
import type { KubeObject, PrinterColumn } from '../machinery/kind.ts'
import { formatLabelSelector } from '../machinery/label-selector.ts'
import type { LabelSelector } from '../machinery/meta-label-selector.ts'
import type { OwnerReference } from '../machinery/object-meta.ts'
import { parseTime } from '../machinery/time.ts'

/** How long ago an object was created; the last column that most kinds always show. */
export const ageColumn: PrinterColumn<KubeObject> = {
  name: 'Age',
  type: 'date',
  of: ({ metadata }) => metadata.creationTimestamp,
}

interface Runnable {
  readonly name: string
  readonly image?: string | undefined
}

/** The wide columns of workloads: names and images of their template's containers. */
export function containerColumns<T>(of: (object: T) => readonly Runnable[]): PrinterColumn<T>[] {
  return [
    {
      name: 'Containers',
      type: 'string',
      wide: true,
      of: (object) => joined(of(object).map(({ name }) => name)),
    },
    {
      name: 'Images',
      type: 'string',
      wide: true,
      of: (object) => joined(of(object).map(({ image }) => image ?? '')),
    },
  ]
}

/** The time since then in kubectl's short form; what never was is unknown. */
export function since(time: string | undefined | null, now: number): string {
  if (time === undefined || time === null || time === '') return '<unknown>'
  return formatHumanDuration(now - parseTime(time))
}

/** Labels as `a=1,b=2`. */
export function labelsText(labels: { readonly [key: string]: string } | undefined): string {
  return formatLabelSelector({ matchLabels: labels ?? {} })
}

/** A label selector as in a query, for a column. */
export function selectorColumnText(selector: LabelSelector | undefined): string {
  return formatLabelSelector(selector)
}

/** The first items of a list, and how many more there are. */
export function firstOf(items: readonly string[], shown: number, whenEmpty: string): string {
  if (items.length > shown) {
    return `${joined(items.slice(0, shown))} + ${items.length - shown} more...`
  }
  return joined(items) || whenEmpty
}

function joined(items: readonly string[]): string {
  return items.join(',')
}

interface Annotated {
  readonly name: string
  readonly annotations?: { readonly [key: string]: string } | undefined
}

/** The name of a class, marked where an annotation makes it the default. */
export function defaultName({ name, annotations = {} }: Annotated, ...marks: string[]): string {
  return marks.some((mark) => annotations[mark] === 'true') ? `${name} (default)` : name
}

/** The controller among owners as `kind.group/name`. */
export function controllerText(owners: readonly OwnerReference[] | undefined): string {
  const owner = owners?.find(({ controller }) => controller === true)
  if (owner === undefined) return '<none>'
  const [group, version] = owner.apiVersion.split('/')
  const kind = version === undefined ? owner.kind : `${owner.kind}.${group}`
  return `${kind.toLowerCase()}/${owner.name}`
}
