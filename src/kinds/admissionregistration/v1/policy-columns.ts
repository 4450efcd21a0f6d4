import { selectorOf } from '../../../machinery/label-selector.ts'
import type { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import type { ParamKind } from './policy-parameters.ts'

interface ParameterReference {
  readonly name?: string | undefined
  readonly namespace?: string | undefined
  readonly selector?: LabelSelector | undefined
}

/** The kind of a policy's parameters, for the column. */
export function paramKindText(kind: ParamKind | undefined): string {
  return kind === undefined ? '<unset>' : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`
}

/** The parameters of a binding, for the column; without a namespace it is any. */
export function paramRefText(reference: ParameterReference | undefined): string {
  if (reference === undefined) return '<unset>'
  const { name = '', namespace = '', selector } = reference
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`
  return selector === undefined ? '<unset>' : `${selectorOf(selector)}`
}
