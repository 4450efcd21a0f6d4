import type {
  Conflict,
  DeleteResult,
  KeyValue,
  ListOptions,
  ListResult,
  PutResult,
  ReadOptions,
  Storage,
  Watch,
  WatchEvent,
  WatchHandler,
  WriteOptions,
} from '../storage.ts'

/**
 * A storage whose values stand in another form in the storage below it: revisions and keys are the
 * same in both. What concerns no value is passed on.
 */
export abstract class WrappingStorage implements Storage {
  protected readonly inner: Storage

  constructor(inner: Storage) {
    this.inner = inner
  }

  get isShared(): boolean {
    return this.inner.isShared === true
  }

  /** Whether a value that was read here should be written again, although nothing changed. */
  isStale(_value: Uint8Array): boolean {
    return false
  }

  /** A value as it would be read here once it was written; throws what its write would throw. */
  async rehearse(value: Uint8Array, _attachment: unknown): Promise<Uint8Array> {
    return value
  }

  revision(): number {
    return this.inner.revision()
  }

  currentRevision(): Promise<number> {
    return this.inner.currentRevision()
  }

  compactedRevision(): number {
    return this.inner.compactedRevision()
  }

  async get(key: string, options?: ReadOptions): Promise<KeyValue | undefined> {
    const found = await this.inner.get(key, options)
    return found && this.readOne(found)
  }

  abstract list(prefix: string, options?: ListOptions): Promise<ListResult>

  count(prefix: string, options?: ReadOptions): Promise<number> {
    return this.inner.count(prefix, options)
  }

  abstract put(key: string, value: Uint8Array, options?: WriteOptions): Promise<PutResult>

  async delete(key: string, options?: WriteOptions): Promise<DeleteResult> {
    const result = await this.inner.delete(key, options)
    return result.code === 'Conflict' ? this.readConflict(result) : result
  }

  abstract watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch

  keyBelow(key: string): string {
    return this.inner.keyBelow?.(key) ?? key
  }

  compact(revision: number): Promise<void> {
    return this.inner.compact(revision)
  }

  close(): Promise<void> {
    return this.inner.close()
  }

  /** What the storage below has, in the form in which it is read here. */
  protected abstract readOne(keyValue: KeyValue): Promise<KeyValue>

  protected async readConflict({ code, current }: Conflict): Promise<Conflict> {
    return { code, current: current && (await this.readOne(current)) }
  }

  /** Its own value, where it was this storage that wrote it just now. */
  protected ownValueOf({ attachment }: WatchEvent): OwnValue | undefined {
    return attachment instanceof OwnValue && attachment.writer === this ? attachment : undefined
  }
}

/** Attached to a write: the value as its writer has it, which its own watches need not read. */
export class OwnValue {
  /** Others above the same storage may have other forms, or lack the key to this one. */
  readonly writer: Storage
  readonly value: Uint8Array
  /** What the writer was to attach. */
  readonly attachment: unknown

  constructor(writer: Storage, value: Uint8Array, attachment: unknown) {
    this.writer = writer
    this.value = value
    this.attachment = attachment
  }
}
