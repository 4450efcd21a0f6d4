import type { Writable } from 'node:stream'

/** What a command prints for people. */
export interface Terminal {
  line(text?: string): void
  /** A step under way, replaced by `done` on a terminal and not shown elsewhere. */
  step(name: string): void
  done(name: string, detail: string, durationMs: number): void
  warn(text: string): void
}

const NAME_WIDTH = 20
const DIM = '\u001b[2m'
const BOLD = '\u001b[1m'
const YELLOW = '\u001b[33m'
const RESET = '\u001b[0m'
const ERASE_LINE = '\r\u001b[K'

/** Plain text where the output is not a terminal or NO_COLOR is set. */
export function createTerminal(output: Writable & { isTTY?: boolean }, plain: boolean): Terminal {
  const isStyled = output.isTTY === true && !plain
  const style = (code: string, text: string) => (isStyled ? `${code}${text}${RESET}` : text)
  const erase = isStyled ? ERASE_LINE : ''
  return {
    line: (text = '') => void output.write(`${erase}${text}\n`),
    step(name) {
      if (isStyled) output.write(`${erase}  ${style(DIM, `${name} ...`)}`)
    },
    done(name, detail, durationMs) {
      const time = formatDuration(durationMs).padStart(8)
      const what = style(BOLD, name.padEnd(NAME_WIDTH))
      output.write(`${erase}  ${what}${style(DIM, time)}${detail === '' ? '' : `  ${detail}`}\n`)
    },
    warn: (text) => void output.write(`${erase}${style(YELLOW, 'note:')} ${text}\n`),
  }
}

/** `85 ms`, `1.3 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
