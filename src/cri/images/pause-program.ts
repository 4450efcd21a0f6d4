import { type Architecture, elfExecutable } from './elf.ts'
import {
  assemble,
  distance,
  type Instruction,
  littleEndian,
  type Program,
  raw,
} from './machine-code.ts'

// What holds a pod's namespaces open while its containers come and go:
//
//   block SIGINT, SIGTERM and SIGCHLD
//   wait:  take the next of these signals, sleeping until there is one
//          SIGCHLD → reap; SIGTERM or SIGINT → exit; anything else → wait
//   reap:  collect ended children until there is none, then wait
//   exit:  exit(0)
//
// The signals are blocked and taken, not handled: the kernel drops a signal to a namespace's first
// process that has no handler for it, but not one that is blocked. With shared process namespaces
// this program is that first process, and every orphan becomes its child.

const SIGINT = 2
const SIGTERM = 15
const SIGCHLD = 17
const SIGNALS = [SIGINT, SIGTERM, SIGCHLD].reduce((set, signal) => set + 2 ** (signal - 1), 0)
const SIGNAL_SET_BYTES = 8
const WNOHANG = 1

/** The static executable of the pause image: a few hundred bytes. */
export function pauseExecutable(architecture: Architecture): Uint8Array {
  return elfExecutable(architecture, assemble(PROGRAMS[architecture]))
}

/** x86-64. A 32-bit move clears the upper half. System calls: eax, then rdi rsi rdx r10. */
const amd64 = {
  moveEax: (value: number) => raw(0xb8, ...littleEndian(value, 4)),
  moveEdx: (value: number) => raw(0xba, ...littleEndian(value, 4)),
  moveR10d: (value: number) => raw(0x41, 0xba, ...littleEndian(value, 4)),
  moveRdiMinusOne: raw(0x48, 0xc7, 0xc7, 0xff, 0xff, 0xff, 0xff),
  clearEdi: raw(0x31, 0xff),
  clearEsi: raw(0x31, 0xf6),
  clearEdx: raw(0x31, 0xd2),
  clearR10d: raw(0x45, 0x31, 0xd2),
  addressInRdi: (label: string) => relative([0x48, 0x8d, 0x3d], label, 4),
  addressInRsi: (label: string) => relative([0x48, 0x8d, 0x35], label, 4),
  systemCall: raw(0x0f, 0x05),
  compareEax: (value: number) => raw(0x83, 0xf8, value),
  testEax: raw(0x85, 0xc0),
  jump: (label: string) => relative([0xeb], label, 1),
  jumpIfEqual: (label: string) => relative([0x74], label, 1),
  jumpIfGreater: (label: string) => relative([0x7f], label, 1),
}

/** An operand counted from the end of its instruction. */
function relative(opcode: readonly number[], label: string, operandBytes: number): Instruction {
  const sizeBytes = opcode.length + operandBytes
  return {
    sizeBytes,
    encode: (here, labels) => [
      ...opcode,
      ...littleEndian(distance(label, here + sizeBytes, labels), operandBytes),
    ],
  }
}

/** arm64: every instruction is one 32-bit word; system calls: number in x8, then x0 x1 x2 x3. */
const arm64 = {
  move: (register: number, value: number) => word(() => 0xd2800000 + (value << 5) + register),
  moveMinusOne: (register: number) => word(() => 0x92800000 + register),
  address: (register: number, label: string) =>
    word((away) => {
      const offset = away(label)
      return 0x10000000 + (offset & 3) * 2 ** 29 + ((offset >> 2) << 5) + register
    }),
  systemCall: word(() => 0xd4000001),
  compareW0: (value: number) => word(() => 0x7100001f + (value << 10)),
  branch: (label: string) => word((away) => 0x14000000 + ((away(label) >> 2) & 0x3ffffff)),
  branchIfEqual: (label: string) => word((away) => 0x54000000 + wide(away(label)) + 0x0),
  branchIfGreater: (label: string) => word((away) => 0x54000000 + wide(away(label)) + 0xc),
}

/** A distance in words in the nineteen bits from the fifth on. */
function wide(offset: number): number {
  return ((offset >> 2) & 0x7ffff) << 5
}

function word(make: (away: (label: string) => number) => number): Instruction {
  return {
    sizeBytes: 4,
    encode: (here, labels) =>
      littleEndian(
        make((label) => distance(label, here, labels)),
        4,
      ),
  }
}

const PROGRAMS: Readonly<Record<Architecture, Program>> = {
  amd64: [
    amd64.moveEax(14), // rt_sigprocmask(SIG_BLOCK, signals, null, 8)
    amd64.clearEdi,
    amd64.addressInRsi('signals'),
    amd64.clearEdx,
    amd64.moveR10d(SIGNAL_SET_BYTES),
    amd64.systemCall,
    'wait',
    amd64.moveEax(128), // rt_sigtimedwait(signals, null, null, 8)
    amd64.addressInRdi('signals'),
    amd64.clearEsi,
    amd64.clearEdx,
    amd64.moveR10d(SIGNAL_SET_BYTES),
    amd64.systemCall,
    amd64.compareEax(SIGCHLD),
    amd64.jumpIfEqual('reap'),
    amd64.compareEax(SIGTERM),
    amd64.jumpIfEqual('exit'),
    amd64.compareEax(SIGINT),
    amd64.jumpIfEqual('exit'),
    amd64.jump('wait'),
    'reap',
    amd64.moveEax(61), // wait4(-1, null, WNOHANG, null)
    amd64.moveRdiMinusOne,
    amd64.clearEsi,
    amd64.moveEdx(WNOHANG),
    amd64.clearR10d,
    amd64.systemCall,
    amd64.testEax,
    amd64.jumpIfGreater('reap'),
    amd64.jump('wait'),
    'exit',
    amd64.moveEax(231), // exit_group(0)
    amd64.clearEdi,
    amd64.systemCall,
    'signals',
    raw(...littleEndian(SIGNALS, SIGNAL_SET_BYTES)),
  ],
  arm64: [
    arm64.move(8, 135), // rt_sigprocmask(SIG_BLOCK, signals, null, 8)
    arm64.move(0, 0),
    arm64.address(1, 'signals'),
    arm64.move(2, 0),
    arm64.move(3, SIGNAL_SET_BYTES),
    arm64.systemCall,
    'wait',
    arm64.move(8, 137), // rt_sigtimedwait(signals, null, null, 8)
    arm64.address(0, 'signals'),
    arm64.move(1, 0),
    arm64.move(2, 0),
    arm64.move(3, SIGNAL_SET_BYTES),
    arm64.systemCall,
    arm64.compareW0(SIGCHLD),
    arm64.branchIfEqual('reap'),
    arm64.compareW0(SIGTERM),
    arm64.branchIfEqual('exit'),
    arm64.compareW0(SIGINT),
    arm64.branchIfEqual('exit'),
    arm64.branch('wait'),
    'reap',
    arm64.move(8, 260), // wait4(-1, null, WNOHANG, null)
    arm64.moveMinusOne(0),
    arm64.move(1, 0),
    arm64.move(2, WNOHANG),
    arm64.move(3, 0),
    arm64.systemCall,
    arm64.compareW0(0),
    arm64.branchIfGreater('reap'),
    arm64.branch('wait'),
    'exit',
    arm64.move(8, 94), // exit_group(0)
    arm64.move(0, 0),
    arm64.systemCall,
    'signals',
    raw(...littleEndian(SIGNALS, SIGNAL_SET_BYTES)),
  ],
}
