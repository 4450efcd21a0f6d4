import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { isConditionTrue, removeCondition, setCondition } from '../../../../machinery/conditions.ts'

type Condition = CustomResourceDefinitionCondition
type Definition = CustomResourceDefinition

/** The definition with a condition set; `now` is RFC 3339. The same where nothing changes. */
export function withCondition(definition: Definition, condition: Condition, now: string) {
  const { status } = definition
  const conditions = setCondition(status.conditions ?? undefined, condition, now)
  if (conditions === status.conditions) return definition
  return { ...definition, status: { ...status, conditions } }
}

/** The definition without a condition; the same one where it has none. */
export function withoutCondition(definition: Definition, type: string): Definition {
  const { status } = definition
  const before = status.conditions ?? []
  const conditions = removeCondition(before, type)
  if (conditions === before) return definition
  return { ...definition, status: { ...status, conditions } }
}

/** Whether a condition of the definition is True. */
export function isTrue({ status }: Definition, type: string): boolean {
  return isConditionTrue(status.conditions ?? [], type)
}

/** Whether clients may use the resource: from the moment its names are its own. */
export function isServed(definition: Definition): boolean {
  return isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established')
}
