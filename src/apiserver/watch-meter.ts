/** Is told what is sent of one watch, for metrics. */
export interface WatchMeter {
  /** An event of so many bytes. */
  sent(bytes: number): void
  /** The last of the events by which it began. */
  begun(): void
}
