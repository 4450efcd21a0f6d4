/** The functions that operators call. */
export const OPERATORS: Readonly<Record<string, string>> = {
  '+': '_+_',
  '-': '_-_',
  '*': '_*_',
  '/': '_/_',
  '%': '_%_',
  '==': '_==_',
  '!=': '_!=_',
  '<': '_<_',
  '<=': '_<=_',
  '>': '_>_',
  '>=': '_>=_',
  in: '@in',
}

export const CONDITIONAL = '_?_:_'
export const LOGICAL_AND = '_&&_'
export const LOGICAL_OR = '_||_'
export const LOGICAL_NOT = '!_'
export const NEGATE = '-_'
export const INDEX = '_[_]'
export const OPTIONAL_INDEX = '_[?_]'
export const OPTIONAL_SELECT = '_?._'
export const EQUALS = '_==_'
export const NOT_EQUALS = '_!=_'
export const ADD = '_+_'
export const NOT_STRICTLY_FALSE = '@not_strictly_false'
