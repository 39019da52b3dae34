import t from 'tap';
import { errnoName, errnoNumber } from './errno.ts';
import { machineByArch, machineByName, machineOfBits, machines } from './machines.ts';
import { AUDIT, AUDIT_CONTROL, appArmorTypes, recordTypeName, recordTypeNumber, recordTypes } from './recordTypes.ts';
import { socketFamilies, socketFamilyName, socketFamilyNumber } from './socketFamilies.ts';
import { ipcCalls, socketCalls } from './subCalls.ts';
import { syscallName, syscallNumber, syscallsOf } from './syscalls.ts';
import { uringOpName, uringOpNumber, uringOps } from './uringOps.ts';

t.test('Every table is ascending, and its names lead back to their numbers', async t => {
  const tables = [
    { entries: recordTypes, back: recordTypeNumber },
    { entries: appArmorTypes, back: recordTypeNumber },
    { entries: socketFamilies.entries, back: socketFamilyNumber },
    { entries: uringOps.entries, back: uringOpNumber },
    { entries: socketCalls.entries, back: (name: string) => socketCalls.number(name) },
    { entries: ipcCalls.entries, back: (name: string) => ipcCalls.number(name) },
    ...machines.map(({ name }) => ({
      entries: syscallsOf(name),
      back: (call: string) => syscallNumber(name, call),
    })),
  ];
  for (const { entries, back } of tables) {
    const numbers = entries.map(([number]) => number);
    t.strictSame(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    t.strictSame(
      entries.map(([, name]) => back(name)),
      numbers,
    );
  }
});

t.test('Record types have the numbers of the kernel and the names of the reference', async t => {
  t.equal(recordTypeName(1300), 'SYSCALL');
  t.equal(recordTypeNumber('Syscall'), 1300);
  t.equal(recordTypeName(1424), 'LANDLOCK_DOMAIN');
  t.equal(recordTypeName(1503), 'APPARMOR_DENIED');
  t.equal(AUDIT.EOE, 1320);
  t.equal(AUDIT_CONTROL.ADD_RULE, 1011);
  for (const number of [0, 1000, 1011, 1204, 1329, 1950]) t.equal(recordTypeName(number), null);
  t.equal(recordTypeNumber('ADD_RULE'), null);
  t.equal(recordTypes.length, 191);
});

t.test('System calls are those of their machine, in any case, aliases included', async t => {
  t.equal(syscallName('x86_64', 257), 'openat');
  t.equal(syscallNumber('x86_64', 'OpenAt'), 257);
  t.equal(syscallNumber('i386', 'open'), 5);
  t.equal(syscallName('i386', 219), 'madvise');
  t.equal(syscallNumber('i386', 'madvise1'), 219);
  t.equal(syscallNumber('x86_64', 'madvise1'), null);
  t.equal(syscallName('ppc64le', 5), syscallName('ppc', 5));
  t.equal(syscallName('x86_64', 99999), null);
  t.equal(syscallName('x86_64', -1), null);
  t.equal(syscallNumber('x86_64', 'socketcall'), null);
  t.equal(syscallsOf('x86_64').length, 383);
});

t.test('Machines are found by name, alias and arch value', async t => {
  t.equal(machineByName('i686')?.name, 'i386');
  t.equal(machineByName('ARMV7L')?.name, 'armeb');
  t.equal(machineByName('b64'), null);
  t.equal(machineByArch(0xc000003e)?.name, 'x86_64');
  t.equal(machineByArch(0x3e), null);
  t.strictSame(
    machines.filter(machine => !machine.inReferenceBuild).map(machine => machine.name),
    ['armeb', 'aarch64', 'riscv32', 'riscv64'],
  );
});

t.test('b32 and b64 depend on the machine that the program runs on', async t => {
  const meaning = (native: string) => {
    const machine = machineByName(native);
    if (machine === null) throw new Error(native);
    return [machineOfBits('b64', machine)?.name ?? null, machineOfBits('b32', machine)?.name ?? null];
  };
  t.strictSame(meaning('x86_64'), ['x86_64', 'i386']);
  t.strictSame(meaning('ppc64'), ['ppc64', 'ppc']);
  t.strictSame(meaning('ppc64le'), ['ppc64le', null]);
  t.strictSame(meaning('s390x'), ['s390x', 's390']);
  t.strictSame(meaning('aarch64'), ['aarch64', 'armeb']);
  t.strictSame(meaning('i386'), [null, 'i386']);
});

t.test('Errors print one name and accept its aliases', async t => {
  t.equal(errnoName(13), 'EACCES');
  t.equal(errnoName(11), 'EAGAIN');
  t.equal(errnoNumber('ewouldblock'), 11);
  t.equal(errnoName(35), 'EDEADLK');
  t.equal(errnoNumber('EDEADLOCK'), 35);
  for (const number of [0, 41, 58, 134]) t.equal(errnoName(number), null);
  t.equal(errnoNumber('ENOSUCH'), null);
});

t.test('Socket families, sub-calls and io_uring operations have the names of the reference', async t => {
  t.equal(socketFamilyName(1), 'local');
  t.equal(socketFamilyNumber('INET6'), 10);
  for (const number of [0, 27, 28, 46]) t.equal(socketFamilyName(number), null);
  t.equal(socketCalls.name(20), 'sendmmsg');
  t.equal(ipcCalls.name(21), 'shmat');
  t.equal(ipcCalls.name(25), 'dipc');
  t.equal(uringOpName(18), 'openat');
  t.equal(uringOpName(1), null);
});
