import { type CelType, NULL, STRING } from '../../../cel/types.ts'

/** What the expression of an audit annotation may give. */
export const ANNOTATION_TYPES: readonly CelType[] = [STRING, NULL]
