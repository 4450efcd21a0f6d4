import { DYN, optionalOf } from '../types.ts'
import { CelError } from './cel-error.ts'
import { areEqual } from './equality.ts'
import { CelObject, type CelValue } from './value.ts'

const TYPE = optionalOf(DYN)
const EMPTY = new CelError('optional.none() dereference')

/** A value that may be absent. */
export class Optional extends CelObject {
  static readonly none = new Optional(undefined)
  readonly content: CelValue | undefined

  constructor(content: CelValue | undefined) {
    super()
    this.content = content
  }

  get type() {
    return TYPE
  }

  get value(): CelValue | CelError {
    return this.content === undefined ? EMPTY : this.content
  }

  equals(other: CelValue): boolean | CelError {
    if (!(other instanceof Optional)) return false
    if (this.content === undefined || other.content === undefined) {
      return this.content === other.content
    }
    return areEqual(this.content, other.content)
  }

  toJson(): unknown {
    const { content } = this
    return content instanceof CelObject ? content.toJson() : content
  }
}
