import { littleEndian } from './machine-code.ts'

export type Architecture = 'amd64' | 'arm64'

const MACHINES: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 }

const HEADER_BYTES = 64
const PROGRAM_HEADER_BYTES = 56

/** Where the file is mapped: its first byte, so that every offset in it is an address too. */
const BASE_ADDRESS = 0x400000

/** As large as a page of any kernel for these architectures, so that the file loads on each. */
const ALIGNMENT = 0x10000

/** A static executable for Linux whose only segment, the whole file, starts with `code`. */
export function elfExecutable(architecture: Architecture, code: Uint8Array): Uint8Array {
  const codeOffset = HEADER_BYTES + PROGRAM_HEADER_BYTES
  const sizeBytes = codeOffset + code.length
  return Uint8Array.from([
    // e_ident: magic, 64 bits, little-endian, version 1, System V, padding
    ...[0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...littleEndian(2, 2), // e_type: an executable
    ...littleEndian(MACHINES[architecture], 2), // e_machine
    ...littleEndian(1, 4), // e_version
    ...littleEndian(BASE_ADDRESS + codeOffset, 8), // e_entry
    ...littleEndian(HEADER_BYTES, 8), // e_phoff: the program header follows this one
    ...littleEndian(0, 8), // e_shoff: no sections
    ...littleEndian(0, 4), // e_flags
    ...littleEndian(HEADER_BYTES, 2), // e_ehsize
    ...littleEndian(PROGRAM_HEADER_BYTES, 2), // e_phentsize
    ...littleEndian(1, 2), // e_phnum
    ...littleEndian(0, 6), // e_shentsize, e_shnum, e_shstrndx
    ...littleEndian(1, 4), // p_type: to be loaded
    ...littleEndian(0b101, 4), // p_flags: readable and executable
    ...littleEndian(0, 8), // p_offset: the whole file
    ...littleEndian(BASE_ADDRESS, 8), // p_vaddr
    ...littleEndian(BASE_ADDRESS, 8), // p_paddr
    ...littleEndian(sizeBytes, 8), // p_filesz
    ...littleEndian(sizeBytes, 8), // p_memsz
    ...littleEndian(ALIGNMENT, 8), // p_align
    ...code,
  ])
}
